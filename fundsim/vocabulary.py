"""Owns the names and numbers that every floor of the house shares; it imports nothing but `enum`.

A member's number is its place in arrays and records, its `word` what files and tables call it. The key of its
label follows from its name (`label_key`). Sizes are ``len(…)``. A member that is added at the end of its enum
moves no number.
"""

from __future__ import annotations

from enum import IntEnum

ALL = "all"
"""Investor of the rows that are a vehicle's totals."""


class Word(IntEnum):
    """A vocabulary: members are numbers to kernels, and words in files, tables and labels."""

    def __new__(cls, number: int, *known: object):  # type: ignore[no-untyped-def]
        """Make a member of its number; what else is known of it goes to ``__init__``."""
        member = int.__new__(cls, number)
        member._value_ = number
        return member

    @property
    def word(self) -> str:
        """What files and tables call it, such as ``term_sale``."""
        return self.name.lower()

    @property
    def label_key(self) -> str:
        """Key of its label, such as ``channel.term_sale`` for `Channel.TERM_SALE`."""
        letters = (f"_{one.lower()}" if one.isupper() else one for one in type(self).__name__)
        return f"{''.join(letters).removeprefix('_')}.{self.word}"

    @classmethod
    def of(cls, word: str) -> Word:
        """The member of that word; KeyError if there is none."""
        return cls[word.upper()]

    @classmethod
    def words(cls) -> tuple[str, ...]:
        """The words of all members in their order."""
        return tuple(member.word for member in cls)


# Enterprises (§3)


class Outcome(Word):
    """Outcomes of a stage, in the order of (3.3)."""

    ADVANCE = 0
    LISTING = 1
    MERGER = 2
    FAILURE = 3
    STALL = 4


class Channel(Word):
    """Ways in which a holding turns into cash; `role` says of what: ``enterprise`` or ``property``.

    Of an interest, a channel that `sells_in_parts` adds to one line of the exits table, and one that
    `ends_calls` leaves later calls to others.
    """

    LISTING = 0, "enterprise", "#0b5c8e"
    MERGER = 1, "enterprise", "#0a8f6c"
    BUYBACK = 2, "enterprise", "#d99a1c"
    TRANSFER = 3, "enterprise", "#5aa9d6"
    TERM_SALE = 4, "enterprise", "#a8578f"
    WRITE_OFF = 5, "enterprise", "#4a4f57"
    PROPERTY_SALE = 6, "property", "#7b6a2f"
    REIT_OFFERING = 7, "property", "#c98bb0", False, True
    REIT_UNITS = 8, "property", "#74b9a5", True
    ENFORCEMENT = 9, "property", "#e08a5a"
    IN_KIND = 10, "enterprise", "#3f7fbf"

    def __init__(
        self,
        number: int,
        role: str = "",
        colour: str = "",
        sells_in_parts: bool = False,
        ends_calls: bool = False,
    ) -> None:
        self.role, self.colour = role, colour
        self.sells_in_parts, self.ends_calls = sells_in_parts, ends_calls


class End(Word):
    """How an enterprise ends; `channel` is the one by which all that is held of it turns into cash."""

    ALIVE = 0, None
    LISTED = 1, Channel.LISTING
    MERGED = 2, Channel.MERGER
    FAILED = 3, Channel.WRITE_OFF

    def __init__(self, number: int, channel: Channel | None = None) -> None:
        self.channel = channel


class WindowFactor(Word):
    """What a state of the window multiplies (1.3)."""

    FINANCING_RATE = 0
    FINANCING_VALUATION = 1
    LISTING_RATE = 2
    LISTING_PASS = 3
    LISTING_VALUATION = 4


class OwnStream(Word):
    """An enterprise's own streams of random numbers; the word names the stream."""

    LISTING = 0
    STALL = 1
    MERGER = 2
    BRIDGE = 3
    LISTED = 4
    TRANSFER = 5
    FAILURE = 6


class Preference(Word):
    """Liquidation preference of preferred shares (5.4)."""

    NONE = 0
    PARI_PASSU = 1
    STANDARD = 2


# Property (§4)


class ProjectStatus(Word):
    """What a project is at the end of a period."""

    PLANNED = 0
    BUILDING = 1
    LET = 2
    IN_REIT = 3
    GONE = 4


# Vehicles (§5, §7)


class InvestorKind(Word):
    """Whose money it is; a vehicle that invests in another is ``in_cluster``."""

    FISCAL = 0
    STATE = 1
    SOCIAL = 2
    GENERAL_PARTNER = 3
    IN_CLUSTER = 4


class FeeBase(Word):
    """What a management fee is a share of (7.2)."""

    COMMITMENTS = 0
    PAID_IN = 1
    UNREALISED_COST = 2


class Style(Word):
    """Waterfall (7.4): over all flows, or deal by deal."""

    EUROPEAN = 0
    DEAL_BY_DEAL = 1


class Compounding(Word):
    """How the preferred return of the hurdle grows (7.4)."""

    COMPOUND = 0
    SIMPLE = 1


class LiveChildren(Word):
    """What a vehicle with live children does at its term (7.8)."""

    EXTEND = 0
    SELL = 1


class AtEnd(Word):
    """What a vehicle does with what it still holds after its term and extension (7.8)."""

    SELL = 0
    HOLD = 1
    IN_KIND = 2
    WIND_UP = 3


class SaleBasis(Word):
    """What a discount on an unlisted position is taken from (5.7, 7.8)."""

    LOWER = 0
    VALUE = 1
    NAV = 2
    LAST_ROUND = 3


class Mark(Word):
    """How a position is valued while it is held (5.7)."""

    LAST_ROUND = 0
    COST = 1
    MODEL = 2


class PoolPeriod(Word):
    """Where in a year a pool's yearly flows fall (7.7)."""

    SPREAD = 0
    YEAR_END = 1


class PositionStatus(Word):
    """What the slot of a planned deal holds."""

    EMPTY = 0
    PRIVATE = 1
    ON_MARKET = 2
    CLOSED = 3


class TermStatus(Word):
    """How far a vehicle is in its term (7.8): before its end, in an extension, in the tail in which it
    holds on, behind all of these, or left with nothing but locked shares to hand out.
    """

    RUNNING = 0
    EXTENDED = 1
    TAIL = 2
    OVER = 3
    LOCKED = 4


class VehicleStatus(Word):
    """Where a vehicle is in its life."""

    WAITING = 0
    LIVE = 1
    ENDED = 2


# Time (7.0)


class Step(Word):
    """Steps of a period in their order: its opening, and (a) to (e) of (7.0).

    `is_leaves_up` tells those that go through vehicles from the leaves up; the others go in file order.
    """

    OPEN = 0
    COLLECT = 1
    SETTLE = 2, True
    CHECK = 3
    INVEST = 4
    CALL = 5, True

    def __init__(self, number: int, is_leaves_up: bool = False) -> None:
        self.is_leaves_up = is_leaves_up


class AgendaKind(Word):
    """What is dated in the life of a vehicle; `step` is the one in which it is due."""

    START = 0, Step.OPEN
    CHECKPOINT = 1, Step.CHECK
    RECYCLING_END = 2, Step.SETTLE
    TERM_END = 3, Step.SETTLE
    EXTENSION_END = 4, Step.SETTLE
    INVESTMENT_END = 5, Step.CALL
    DEAL = 6, Step.INVEST
    TAIL_END = 7, Step.SETTLE

    def __init__(self, number: int, step: Step = Step.OPEN) -> None:
        self.step = step


class Instrument(Word):
    """Terms of policy: each has a module of its word on every floor (docs/contributing.md).

    `model` is the number of its rule in docs/model.md, `check` the audit line that holds it, None where it
    moves no money.
    """

    LANDING = 0, "7.0", None

    def __init__(self, number: int, model: str = "", check: Word | None = None) -> None:
        self.model, self.check = model, check


# What passes write


class ClassFlow(Word):
    """Flows of an investor class, by period."""

    CONTRIBUTION = 0
    DISTRIBUTION = 1


class VehicleFlow(Word):
    """Flows of a vehicle, by period; results keep the first two of them."""

    CARRY = 0  # to the partner; negative where a clawback is paid
    FEE = 1  # fees and organisation cost paid
    INVESTED = 2  # in enterprises, property and pools
    EXPENSE = 3  # cost of landing
    PROCEEDS = 4  # from enterprises, property, pools and sold interests
    CHILD_CALL = 5  # paid to children
    CHILD_DISTRIBUTION = 6  # received from children
    INTEREST = 7  # on idle cash
    RECYCLED = 8  # kept of proceeds
    CO_INVESTED = 9  # others' money in rounds first joined by this vehicle, once a round
    CREDITED = 10  # landing credit
    OUTSIDE_ENTERPRISES = 11  # put into interests that do not reach enterprises


class InterestSource(Word):
    """What an interest is in; `reaches_enterprises` says whether leverage counts its money (8.8)."""

    DEVELOPMENT = 0, False
    ACQUIRED = 1, False
    UNITS = 2, False

    def __init__(self, number: int, reaches_enterprises: bool = False) -> None:
        self.reaches_enterprises = reaches_enterprises


class VehicleStock(Word):
    """Stocks of a vehicle, by date."""

    CASH = 0
    HOLDINGS = 1  # at marks, children's NAV included
    UNREALISED_COST = 2  # of enterprises, pools and children


class Flow(Word):
    """Series of the tables of cash, by period; `of_investors` tells those that every investor has."""

    CONTRIBUTION = 0
    DISTRIBUTION = 1
    NET_CASH_FLOW = 2
    CUMULATIVE_NET = 3
    NAV = 4
    CARRY = 5, False
    FEE = 6, False

    def __init__(self, number: int, of_investors: bool = True) -> None:
        self.of_investors = of_investors


class ExitFigure(Word):
    """What is summed of exits by channel and year."""

    COUNT = 0
    PROCEEDS = 1
    COST = 2


class Activity(Word):
    """What a vehicle did over its life; what it invested is the sum of its flows."""

    DEALS = 0
    PARK_DEALS = 1
    CREDITED_DEALS = 2
    FOLLOW_ONS = 3
    INVESTED = 4
    MISSED_PARK_DEALS = 5


class Measure(Word):
    """Measures of a vehicle and of each of its investors (§8), in the order of the tables.

    Numbers are places in arrays; TVPI and loss have none, as they follow from DPI and RVPI.
    """

    NET_IRR = 0
    GROSS_IRR = 1
    TVPI = -1
    DPI = 2
    RVPI = 3
    PAID_IN_SHARE = 4
    PAYBACK_YEARS = 5
    DEEPEST_CALL = 6
    LOSS = -2, True
    KS_PME = 7
    DIRECT_ALPHA = 8

    def __init__(self, number: int, is_chance: bool = False) -> None:
        self.is_chance = is_chance


CHANCES = frozenset(member.word for member in Measure if member.is_chance)
"""Words of the measures that are 1 where something happens on a path and 0 where it does not."""
STORED_MEASURES = tuple(member for member in Measure if member >= 0)
"""Measures that are kept for every path."""


class Money(Word):
    """Whose money a leverage counts: fiscal alone, or fiscal and state money."""

    FISCAL = 0
    GOVERNMENT = 1


class Leverage(Word):
    """Definitions of leverage (8.3)–(8.9), each on one basis."""

    MOTHER_MULTIPLE_ON_COMMITMENT = 0, "mother_multiple", "commitment"
    SUB_FUND_MULTIPLE_ON_COMMITMENT = 1, "sub_fund_multiple", "commitment"
    COMBINED_MULTIPLE_ON_COMMITMENT = 2, "combined_multiple", "commitment"
    SOCIAL_MULTIPLE_ON_COMMITMENT = 3, "social_multiple", "commitment"
    SOCIAL_SHARE_ON_COMMITMENT = 4, "social_share", "commitment"
    MOTHER_MULTIPLE_ON_PAID_IN = 5, "mother_multiple", "paid_in"
    SUB_FUND_MULTIPLE_ON_PAID_IN = 6, "sub_fund_multiple", "paid_in"
    COMBINED_MULTIPLE_ON_PAID_IN = 7, "combined_multiple", "paid_in"
    SOCIAL_MULTIPLE_ON_PAID_IN = 8, "social_multiple", "paid_in"
    SOCIAL_SHARE_ON_PAID_IN = 9, "social_share", "paid_in"
    INVESTED_MULTIPLE = 10, "invested_multiple", "invested"
    INVESTED_WITH_CO_INVESTORS = 11, "invested_with_co_investors", "invested"
    LANDING_MULTIPLE_ON_INVESTED = 12, "landing_multiple", "invested"
    LANDING_MULTIPLE_ON_PAID_IN = 13, "landing_multiple", "paid_in"

    def __init__(self, number: int, definition: str = "", basis: str = "") -> None:
        self.definition, self.basis = definition, basis


class Check(Word):
    """Identities that the audit holds on every path (§10); `role` says of what: ``funds`` or ``property``."""

    CASH = 0, "funds"
    LIFE = 1, "funds"
    PARENT = 2, "funds"
    COST = 3, "funds"
    EXIT = 4, "funds"
    NAV = 5, "funds"
    MULTIPLE = 6, "funds"
    CALL = 7, "funds"
    CARRY = 8, "funds"
    STAKE = 9, "funds"
    FINITE = 10, "funds"
    PROJECT_CASH = 11, "property"
    PROJECT_DEBT = 12, "property"
    REIT = 13, "property"
    INTEREST_SHARE = 14, "property"
    INTEREST_PART = 15, "property"
    EXIT_LINE = 16, "funds"

    def __init__(self, number: int, role: str = "") -> None:
        self.role = role

    @classmethod
    def held(cls, has_property: bool) -> tuple[Check, ...]:
        """The identities of a run with or without property, in the order of its audit."""
        return tuple(member for member in cls if has_property or member.role == "funds")


class IrrStatus(Word):
    """What is known about the rates at which the net present value of a stream is zero (8.1).

    Examples
    --------
    >>> fs.measures.IrrStatus(2)
    <IrrStatus.NO_ROOT: 2>
    """

    ONE_ROOT = 0
    """One rate."""
    SEVERAL_ROOTS = 1
    """Several rates; the IRR is the one nearest zero among those at which NPV falls with the rate."""
    NO_ROOT = 2
    """No rate, as in (100, −200, 150), or where nothing is paid in; the IRR is nan."""
    TOTAL_LOSS = 3
    """Nothing comes back; the IRR is −1."""
    ALL_ZERO = 4
    """No flow at all; the IRR is nan, never 0."""
    NOT_FINITE = 5
    """A flow is not a number or infinite; the IRR is nan."""


# What happens on a path


class EventField(Word):
    """What events carry, each a column of their table; `role` is ``name``, ``amount`` or ``flag``."""

    VEHICLE = 0, "name"
    COUNTERPART = 1, "name"
    AMOUNT = 2, "amount"
    STATE = 3, "name"
    STAGE = 4, "name"
    CHANNEL = 5, "name"
    COST = 6, "amount"
    RAISED = 7, "amount"
    PRE_MONEY = 8, "amount"
    VALUE = 9, "amount"
    BOOK = 10, "amount"
    CASH = 11, "amount"
    UNITS = 12, "amount"
    PRICE = 13, "amount"
    SHARE = 14, "amount"
    STARTED = 15, "flag"
    RECYCLED = 16, "flag"
    CREDITED = 17, "flag"

    def __init__(self, number: int, role: str = "") -> None:
        self.role = role


class EventKind(Word):
    """What can happen on a path, in the order in which one date is told; `fields` are what it carries.

    Of what is closed or bought the amount is what was paid, of an exit what it brought.
    """

    WINDOW = 0, "state"
    CLOSING = 1, "vehicle counterpart amount started"
    BUILDING = 2, "counterpart amount recycled"
    COMPLETION = 3, "counterpart"
    REFINANCING = 4, "counterpart amount value"
    PROJECT_SALE = 5, "counterpart amount value"
    RESALE = 6, "counterpart amount value"
    PROJECT_LISTING = 7, "counterpart amount book cash"
    ENFORCEMENT = 8, "counterpart amount value"
    CASH_TRAP = 9, "counterpart amount"
    CASH_RELEASE = 10, "counterpart amount"
    REIT_LISTING = 11, "counterpart amount units price"
    FOLLOW_ON_OFFERING = 12, "counterpart amount units price"
    DIVIDEND = 13, "counterpart amount"
    EXIT = 14, "vehicle counterpart amount channel cost"
    FEE = 15, "vehicle amount"
    DISTRIBUTION = 16, "vehicle amount"
    CARRY = 17, "vehicle amount"
    DEAL = 18, "vehicle counterpart amount stage raised pre_money credited"
    PURCHASE = 19, "vehicle counterpart amount share"
    CALL = 20, "vehicle amount"
    END = 21, "vehicle"

    def __init__(self, number: int, fields: str = "") -> None:
        self.fields = tuple(EventField[field.upper()] for field in fields.split())

    @property
    def flag(self) -> EventField | None:
        """The one field that chooses between two sentences."""
        return next((field for field in self.fields if field.role == "flag"), None)
