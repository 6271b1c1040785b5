"""Owns vehicles and their investors."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fundsim.files.choices import Choice
from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, filled, repeated
from fundsim.files.quantities import Date, Flag, Name, PositiveMoney, ShareBelowOne
from fundsim.scenario.closing import VehicleClosing
from fundsim.scenario.fund_terms import Obligations, Terms
from fundsim.scenario.mandates import Exits, Mandate, Pool, Relocation
from fundsim.scenario.property import PropertyMandate
from fundsim.scenario.run import Words
from fundsim.vocabulary import ALL, InvestorKind

GENERAL_PARTNER = InvestorKind.GENERAL_PARTNER.word
OUTSIDE = tuple(kind for kind in InvestorKind if kind is not InvestorKind.IN_CLUSTER)
"""Kinds of outside investors."""
VehicleKind = Literal["mother", "sub_fund", "direct", "co_investment", "property"]
Strategy = Literal["seed", "angel", "vc", "pe", "industry", "property", "mixed"]


class Investor(Part):
    """An investor of a vehicle: an outside one by name and kind, or another vehicle."""

    name: Name | None = known(None, "give this or vehicle")
    """Name of an outside investor; name."""
    title: Words | None = known(None, "the name is shown")
    """Label of an outside investor in reports; text."""
    kind: Annotated[str, Choice(OUTSIDE)] | None = known(None, "required for outside investors")
    """Fiscal, state, social or general partner; choice."""
    vehicle: Name | None = known(None, "give this or name")
    """Vehicle that invests; name."""
    commitment: PositiveMoney
    """Planned commitment; currency units."""
    cap_share: ShareBelowOne | None = known(None, "no cap")
    """Largest share of an investing vehicle in the closed size (2.2); decimal."""
    pays_fee: Flag | None = known(None, "all but the general partner pay", "recalled")
    """Whether it pays management fee; true or false."""
    pays_carry: Flag | None = known(None, "all but the general partner pay", "recalled")
    """Whether it pays carry; true or false."""

    def faults(self) -> Iterator[Fault]:
        if self.vehicle is None and self.name is None:
            yield Fault(
                (), "neither name nor vehicle is given", "give name and kind, or the vehicle that invests"
            )
        elif self.vehicle is not None:
            for field in ("name", "kind"):
                if getattr(self, field) is not None:
                    yield Fault(
                        (field,),
                        f"{field} and vehicle exclude each other",
                        "give vehicle alone, or name and kind",
                    )
        elif self.kind is None:
            yield Fault(
                (), f"the kind of '{self.name}' is missing", "give fiscal, state, social or general_partner"
            )
        if self.vehicle is None and self.cap_share is not None:
            yield Fault(("cap_share",), "only an investing vehicle has a cap", "delete it")
        if self.cap_share == 0:
            yield Fault(
                ("cap_share",), "a cap of 0 lets the vehicle invest nothing", "give a share above 0, or null"
            )

    @property
    def label(self) -> str:
        """The name under which results list this investor."""
        return self.vehicle or self.name or ""

    @property
    def is_vehicle(self) -> bool:
        return self.vehicle is not None

    @property
    def is_fee_payer(self) -> bool:
        """``pays_fee``, or its default by kind."""
        return self.kind != GENERAL_PARTNER if self.pays_fee is None else self.pays_fee

    @property
    def is_carry_payer(self) -> bool:
        """``pays_carry``, or its default by kind."""
        return self.kind != GENERAL_PARTNER if self.pays_carry is None else self.pays_carry


class Vehicle(Part):
    """A vehicle: investors with commitments, holdings and terms (7)."""

    ALTERNATIVES = (("mandate", "pool"), ("pool", "property"))

    name: Name
    """Name of the vehicle; name."""
    title: Words | None = known(None)
    """Label in reports; text."""
    kind: VehicleKind
    """Mother fund, sub-fund, direct, co-investment or property vehicle; choice."""
    strategy: Strategy = known("mixed")
    """Label for reports and tolerance lines; choice."""
    start: Date | None = known(None, "the scenario's start")
    """Start of the vehicle; date."""
    manager: Name | None = known(None, "each vehicle has a manager of its own")
    """Manager, whose skill is the same in all its vehicles (5.1); name."""
    investors: tuple[Investor, ...]
    """Investors with their commitments; list."""
    mandate: Mandate | None = known(None, "no deals of its own")
    """What it buys; block."""
    relocation: Relocation | None = known(None)
    """Outside enterprises that land in the park; block."""
    pool: Pool | None = known(None)
    """A top-down pool instead of deals; block."""
    property_: PropertyMandate | None = known(None, "no property", alias="property")
    """What it buys of the property; block."""
    exits: Exits = known(Exits)
    """How it marks and sells; block."""
    terms: Terms = known(Terms)
    """Fees, calls, waterfall and life; block."""
    obligations: Obligations = known(Obligations)
    """What the guidance investor asks; block."""
    closing: VehicleClosing | None = known(None, "as in the closing block")
    """Closing of this vehicle; block."""

    def faults(self) -> Iterator[Fault]:
        yield from filled(self, "investors", "the vehicle has no investor", "give at least one investor")
        yield from repeated([investor.label for investor in self.investors], "investors", "investor")
        for index, investor in enumerate(self.investors):
            if investor.label == ALL:
                yield Fault(
                    ("investors", index, "name"),
                    "'all' is the name of the vehicle's total in results",
                    "choose another name",
                )
        if self.mandate is not None and self.pool is not None:
            yield Fault(("pool",), "mandate and pool exclude each other", "keep one of them")
        yield from self._property_faults()
        if self.terms.style == "deal_by_deal" and self.mandate is None and self.property_ is None:
            yield Fault(
                ("terms", "style"),
                "deal by deal needs a mandate; this vehicle has none",
                "give a mandate, or style european",
            )
        if self.relocation is not None and self.mandate is None:
            yield Fault(("relocation",), "relocation needs a mandate; this vehicle has none", "delete it")
        if self.mandate is None:
            for field in ("landing_multiple", "checkpoints", "idle_stop_years"):
                if getattr(self.obligations, field):
                    yield Fault(
                        ("obligations", field),
                        f"{field} is about deals and needs a mandate; this vehicle has none",
                        "delete it",
                    )

    def _property_faults(self) -> Iterator[Fault]:
        if self.property_ is None:
            if self.kind == "property":
                yield Fault(
                    (), "a property vehicle needs a property block", "give property: {}, or another kind"
                )
            return
        if self.pool is not None:
            yield Fault(("property",), "pool and property exclude each other", "keep one of them")
        if self.terms.style == "deal_by_deal":
            yield Fault(
                ("terms", "style"),
                "deal by deal is for stakes in enterprises, and this vehicle buys property",
                "give style european",
            )
        ticket = self.property_.ticket
        if ticket is not None and self.investors and ticket > self.size:
            yield Fault(
                ("property", "ticket"),
                f"{ticket:g} is above the vehicle's size, {self.size:g}",
                "lower it, or give null for no limit",
            )

    @property
    def holds_itself(self) -> bool:
        """Whether it holds anything but other vehicles."""
        return not (self.mandate is None and self.pool is None and self.property_ is None)

    @property
    def outside(self) -> str:
        """Where results say that the enterprises come from which it finds outside the park."""
        return f"{self.name} · outside"

    @property
    def size(self) -> float:
        """Sum of the planned commitments, in currency units."""
        return sum(investor.commitment for investor in self.investors)
