"""Owns how the rules of a vehicle are put into words: its terms, mandate, exits and obligations."""

from collections.abc import Iterator, Sequence
from typing import Any

from fundsim.scenario import Scenario
from fundsim.scenario.assumptions import Assumption
from fundsim.scenario.fund_terms import Obligations, Terms
from fundsim.scenario.landing import landing_phrases
from fundsim.scenario.mandates import Exits, Mandate, Pool
from fundsim.story.layout import COMMA
from fundsim.words import label
from fundsim.words.numbers import amount, title

_MOST_VALUES = 4


def rate(value: float) -> str:
    """A rate with as many digits as it was given."""
    return f"{100 * value:.4g}%"


def listed(words: Sequence[str], lang: str) -> str:
    """Words in a row."""
    return COMMA[lang].join(words)


def terms_phrases(terms: Terms, lang: str) -> Iterator[str]:
    """Fee, carry, calls and life of a vehicle."""
    phases = [phase for phase in terms.phases if phase.rate]
    for phase in phases:
        yield label(
            "describe.fee",
            lang,
            rate=rate(phase.rate),
            base=label(f"fee_base.{phase.base}", lang),
            until=phase.until_years,
        )
    if not phases:
        yield label("describe.no_fee", lang)
    if terms.fee_at_risk:
        yield label("describe.fee_at_risk", lang, share=rate(terms.fee_at_risk))
    if terms.fees_on_top:
        yield label("describe.fees_on_top", lang)
    if terms.organisation_cost:
        yield label("describe.organisation_cost", lang, amount=amount(terms.organisation_cost))
    yield from _carry_phrases(terms, lang)
    if terms.tranches:
        yield label("describe.tranches", lang, shares=" / ".join(rate(share) for share in terms.tranches))
        if terms.next_call_when_used is not None:
            yield label("describe.next_call", lang, share=rate(terms.next_call_when_used))
    else:
        yield label("describe.just_in_time", lang)
    key = "describe.extension" if terms.extension_years else "describe.term"
    yield label(key, lang, term=terms.term_years, extension=terms.extension_years)
    yield label(
        f"describe.at_end_{terms.at_end}",
        lang,
        years=terms.tail_years,
        discount=rate(terms.term_sale_discount.mean),
        recovery=rate(terms.recovery or 0.0),
    )
    if terms.recycling is not None:
        yield label(
            "describe.recycling", lang, cap=rate(terms.recycling.cap), until=terms.recycling.until_years
        )


def _carry_phrases(terms: Terms, lang: str) -> Iterator[str]:
    if not terms.carry_rate:
        yield label("describe.no_carry", lang)
        return
    yield label(
        "describe.carry",
        lang,
        rate=rate(terms.carry_rate),
        hurdle=rate(terms.hurdle_rate),
        compounding=label(f"compounding.{terms.hurdle_compounding}", lang),
        style=label(f"style.{terms.style}", lang),
    )
    if terms.catch_up_rate:
        yield label("describe.catch_up", lang, rate=rate(terms.catch_up_rate))
    else:
        yield label("describe.no_catch_up", lang)


def mandate_phrases(mandate: Mandate, scenario: Scenario, lang: str) -> Iterator[str]:
    """What a vehicle buys."""
    yield label(
        "describe.deals",
        lang,
        deals=mandate.deals,
        years=mandate.over_years,
        stages=listed([stage_title(scenario, mandate.sectors, name, lang) for name in mandate.stages], lang),
        sectors=listed([title(scenario.sector(name), lang) for name in mandate.sectors], lang),
    )
    if mandate.ticket is not None:
        yield label("describe.ticket", lang, amount=amount(mandate.ticket))
    if mandate.stake is not None:
        yield label("describe.stake", lang, share=rate(mandate.stake))
    if mandate.park_share:
        yield label("describe.park_share", lang, share=rate(mandate.park_share))
    if mandate.reserve_share:
        yield label(
            "describe.follow_on",
            lang,
            reserve=rate(mandate.reserve_share),
            share=rate(mandate.follow_on_share),
        )
    yield label("describe.cap", lang, share=rate(mandate.single_enterprise_cap))
    if mandate.with_vehicles:
        names = [title(scenario.vehicle(name), lang) for name in mandate.with_vehicles]
        yield label("describe.with", lang, names=listed(names, lang))


def stage_title(scenario: Scenario, sectors: Sequence[str], name: str, lang: str) -> str:
    """Title of a stage in the first of the sectors that has it."""
    found = [stage for sector in sectors if (stage := scenario.sector(sector).stage(name)) is not None]
    return title(found[0], lang) if found else name


def pool_phrases(pool: Pool, lang: str) -> Iterator[str]:
    """A pool instead of deals."""
    if pool.takahashi_alexander is not None:
        model = pool.takahashi_alexander
        yield label(
            "describe.pool_ta",
            lang,
            years=model.life_years,
            bow=model.bow,
            growth=rate(model.growth_rate),
        )
    if pool.schedule is not None:
        years = max(len(pool.schedule.contributions), len(pool.schedule.distributions))
        yield label("describe.pool_schedule", lang, years=years)


def exit_phrases(exits: Exits, lang: str) -> Iterator[str]:
    """Transfers and buybacks."""
    if exits.transfer is not None:
        yield label(
            "describe.transfer",
            lang,
            years=exits.transfer.from_years,
            probability=rate(exits.transfer.probability),
            discount=rate(exits.transfer.discount.mean),
        )
    if exits.buyback is not None:
        yield label(
            "describe.buyback",
            lang,
            years=exits.buyback.after_years,
            rate=rate(exits.buyback.rate),
            full=rate(exits.buyback.full),
            partial=rate(exits.buyback.partial),
        )
        if exits.buyback.quiet_mark > 1:
            yield label(
                "describe.buyback_quiet",
                lang,
                years=exits.buyback.quiet_years,
                mark=exits.buyback.quiet_mark,
            )


def obligation_phrases(obligations: Obligations, lang: str) -> Iterator[str]:
    """Landing, idle stop."""
    yield from landing_phrases(obligations, lang)
    if obligations.idle_stop_years is not None:
        yield label("describe.idle_stop", lang, years=obligations.idle_stop_years)


def assumed(entry: Assumption, lang: str) -> str:
    """The values of an assumption, or only their number where they are many."""
    text = ", ".join(f"{name} {_written(value)}".strip() for name, value in entry.values)
    if len(entry.values) > _MOST_VALUES:
        text = label("report.values", lang, n=len(entry.values))
    return text if entry.places == 1 else label("report.places", lang, value=text, n=entry.places)


def _written(value: Any) -> str:
    """A value as it stands in a file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(_written(item) for item in value) if isinstance(value, tuple) else str(value)
