"""Owns docs/validation.md: every published or hand-worked number beside ours, and the test that holds them together.

Run from anywhere, `python docs/make_validation.py`; the same version gives the same page. It takes under two minutes.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.cases import other_software, validation_rows
from tests.cases.published_cases import Comparison
from tests.cases.worked_cases import PRINTED
from tests.test_against_others import MANY

SHOWN = 12  # longer series are shown by their largest difference

HEADING = """\
<!-- Written by docs/make_validation.py; edit that file. -->
# Validation

What is held against what, and which test does it. The tables are made by `python docs/make_validation.py` from the comparisons
that the tests assert on, and a build fails if the page is stale. Run the tests with

```
python -m pytest                # minutes
python -m pytest -m slow        # the same over many more random cases
```

```{toctree}
:hidden:

worked-cases
```

*Ours* is of seed 1 where chance is involved, and must lie within four standard errors of the published number on three seeds; the standard
error itself must be below a stated bound, so that a test cannot pass by being vague. Of a series of many numbers the one that differs most
is shown. Differences below 1e-12 are shown as 0. Tests are in `tests/`, scenarios in `scenarios/validation/`, published numbers with their sources in
`tests/cases/data/`.
"""

SCENARIOS = """\
## Published cases and closed forms, through whole scenarios

A scenario file is loaded and simulated by the whole engine, and its tables are read: plan, passes, waterfalls and measures are all in
between.
"""

FORMULAS = """\
## Formulas on plain arrays

The public functions of `fundsim.measures`, `fundsim.waterfall` and `fundsim.pacing`, as the engine uses them. Beside the numbers below,
every real root of random streams is held against high-precision polynomial roots (`test_measures.py`).
"""

WORKED = """\
## Worked by hand

[Worked cases](worked-cases.md) has the tables with their reasoning; each number is printed to six digits after the point at most and is held to half of
the last one. The test is `test_worked_cases.py::test_table_worked_by_hand`.
"""

OTHERS = """\
## Beside other software

IRR of generated streams in one batch, and one by one by pyxirr {pyxirr} and numpy-financial {numpy_financial}; {n:,} streams of each kind, as in the slow tests. Where answers
differ by more than 1e-6, or one has none, the net present value to 50 digits decides what explains it
(`test_against_others.py::test_every_disagreement_on_a_rate_is_explained`, `…_on_a_dated_rate_is_explained`):

{explanations}
"""

AFTER_OTHERS = """\
Streams with one change of sign leave nothing to disagree about but what pyxirr refuses, some deep losses and large amounts: as its author says, it wants a net present value
below 0.001 in whatever unit. Late calls make several roots, of which (8.1) takes the one nearest zero among those at which value falls with the rate; pyxirr
takes the one that it meets first, numpy-financial 1.0.0 the one nearest zero. KS-PME and Direct Alpha agree with pyxirr's on 2,000 random funds
(`test_public_market_equivalents_agree_with_pyxirr`).

What users reported of other software is a test here, with the thread beside it in `test_against_others.py`:

| what failed | threads | test |
|---|---|---|
| no rate because amounts are large | pyxirr 75, 62 | `test_scale_decides_nothing` |
| no rate because it lies near −100 % | pyxirr 61 | `test_a_root_too_near_minus_one_for_a_tolerance_in_money` |
| deep losses | pyxirr 23, 60; ExcelFinancialFunctions 27; finance 33; java-xirr 30 | `test_deep_losses_have_their_rate` |
| another of several roots | numpy-financial 28, 44; pyxirr 31, 68 | `test_of_several_roots_the_one_at_which_value_falls_is_taken`, `test_a_root_near_zero_is_not_lost_beside_a_large_one` |
| a leading zero | pyxirr 56 | `test_a_leading_zero_is_no_flow` |
| a late first outflow | numpy-financial 46 | `test_a_late_first_outflow` |
| flows that cancel on every date; zeros alone | rustledger 1817; fast-xirr 11 | `test_a_stream_that_cancels_on_every_date_has_no_rate`, `test_zeros_of_either_sign_have_no_rate` |
| the hurdle ignores what the same period pays | massing 107 | `test_the_hurdle_counts_what_the_same_period_pays` |
| clawback as a rate times capital | massing 136 | `test_the_clawback_is_money_over_time_not_a_rate_times_capital` |

The streams of pyxirr 60 (an attachment) and 68 were not at hand; their kinds, a deep loss and several roots, are tested on other streams.
"""

REST = """\
## Properties

`test_properties.py`, over scenarios that are made at random; each where it is true, and where it is not a case that shows it.

| property | where it holds | where not | test |
|---|---|---|---|
| all amounts × k: flows × k, multiples and rates unchanged | every scenario, with values of enterprises, thresholds of boards, costs and areas of property among the amounts | commitments alone: they meet the same rounds | `test_money_times_k_scales_flows_and_leaves_multiples`, `test_money_times_k_scales_flows_of_property_too` |
| no volatility, no odds: all paths and seeds equal, and equal to the sum by hand | every scenario | | `test_without_volatility_and_odds_every_path_and_every_seed_is_the_same`, `test_zero_volatility_is_the_deterministic_case` |
| a fund of one investor is that investor | every scenario | | `test_a_fund_of_one_investor_is_that_investor` |
| an investor in two halves has two halves | every scenario | | `test_an_investor_in_two_halves_is_two_halves` |
| a pool in two equal pools: the same cash together | pools whose closing, appraisal and term discount are not drawn | a draw of the vehicle's own; mandates, whose deals have draws of their own | `test_a_pool_in_two_equal_pools_changes_no_pooled_cash` |
| with the same investments a higher fee never raises the limited partner's net | no hurdle, or a hard one with calls just in time | in a full catch-up above a hurdle: the fee earns a preferred return that the partner pays (the multiple still falls); tranches above a hurdle: a fee may call one early, whose idle money earns a preferred return | `test_a_higher_fee_never_raises_the_limited_partners_net`, `test_a_higher_fee_can_raise_the_limited_partners_net_while_the_partner_catches_up`, `test_a_fee_that_calls_a_tranche_early_can_raise_the_limited_partners_net` |
| an edit moves no draw of what it does not touch | the table in [Randomness](randomness.md) | | `test_common_random_numbers.py` |

Of waterfalls and rates: both sides sum to what was distributed, scale and leading zeros change no rate, batches equal single streams
(`test_waterfall.py`, `test_measures.py`).

## A slow twin of each pass

Each pass has a second implementation in plain Python, written from [the model](model.md) without a look at the kernel: slow, obvious,
an object for a fund and one for a position. Both run on random worlds and clusters, which are made so that every rule occurs; flows,
stocks, deals, exits and dates of every path must be equal.

| pass | twin | held together by |
|---|---|---|
| random draws | `twins/random.py`, `twins/draws.py` | `kernels/base/test_random.py`, with the published vectors of Threefry |
| market, closing, enterprises | `twins/world.py` | `kernels/test_market.py`, `test_closing.py`, `test_enterprises.py` |
| property | `twins/property.py`, `twins/projects.py`, `twins/reits.py` | `test_property_against_naive.py` |
| funds | `twins/funds.py`, `twins/vehicles.py`, `twins/positions.py`, `twins/shares.py` | `test_funds_against_naive.py` |
| preference stack, waterfall | `twins/preference.py`, `twins/waterfall.py` | through `twins/positions.py` and `twins/vehicles.py`; `test_waterfall.py` |
| measures, leverage | `twins/returns.py`, `twins/leverage.py` | `test_returns_against_naive.py` |

The enterprises pass exists a third time, in C (`benchmarks/enterprises_port/`): outcomes and dates must be equal, values to 1e-12.
`kernels/enterprises/test_enterprise_laws.py` holds the walk to its laws: geometric Brownian motion, hazards, clocks, Poisson arrivals, the joint law
of values between milestones.

## Every run

The audit looks at every path of every run, and a worst relative error above 1e-9 fails the run: cash balances in each period; over the
life, sources equal uses; parents pay and receive what children call and distribute; deals cost what was invested and exits bring what was
received; NAV is the sum of what is held; TVPI is DPI plus RVPI; calls stay within what investors pay; a partner pays back no more carry
than it got; stakes in an enterprise sum to one at most; all amounts are finite, none is negative; every exit has
its line in the exits table.

`tests/test_generated_scenarios.py` makes scenarios at random over all fields: what the rules let through must run, balance, and give
every table without a warning.

## Bits

Threads, the size of blocks, resuming after an interruption, and the number of paths change no bit of a path
(`tests/test_simulate.py`, `tests/store/test_faults.py`). A further vehicle, stream or stage at the end moves no draw of the others. The kernels
give the same numbers compiled and as plain Python, up to the last places that a fused multiply-add changes. Between types of processor
the last places may differ.

## What is not validated

No return of a real fund is reproduced: the documents behind the shipped scenarios print sizes, dates and counts, not returns. Presets of
sectors are [calibrated](calibration.md) to published quantiles, shares and funnels of many funds, several of which contradict each other;
the listing window is set near counts of listings, not fitted. [The scenarios](scenarios.md) sets what they come to beside what is
published. That stated standard errors cover at their rate is [measured](statistics.md).
"""


def main() -> None:
    """Write the page."""
    parts = [HEADING, SCENARIOS, *map(section, validation_rows.scenario_sections())]
    parts += [FORMULAS, *map(section, validation_rows.formula_sections())]
    parts += [WORKED, "\n".join(worked_table()) + "\n", others(), AFTER_OTHERS, REST]
    (ROOT / "docs" / "validation.md").write_text("\n".join(parts), encoding="utf-8")


def section(one: validation_rows.Section) -> str:
    """Title, source, argument and table of a published case."""
    where = ", ".join(f"`{name}.yaml`" for name in one.scenario.split(", ")) if one.scenario else ""
    lines = [f"### {one.title}", ""]
    lines += [
        f"{capital(one.source)}. {'Scenario ' + where + '. ' if where else ''}Tolerance: {one.argument}.",
        "",
    ]
    lines += ["| | published | ours | difference | tolerance | test |", "|---|---|---|---|---|---|"]
    lines += [row(comparison, one.test) for comparison in shown(list(one.rows()))]
    return "\n".join(lines) + "\n"


def capital(text: str) -> str:
    """A text with a capital letter first."""
    return text[:1].upper() + text[1:]


def shown(comparisons: list[Comparison]) -> Iterator[Comparison]:
    """All of a few comparisons; of a long series by period the one that differs most."""
    if len(comparisons) <= 2 * SHOWN:
        yield from comparisons
        return
    for _, group in groupby(comparisons, key=lambda one: one.name.partition(", year")[0]):
        series = list(group)
        worst = max(series, key=lambda one: round(abs(one.difference), 12))
        yield worst


def row(one: Comparison, test: str) -> str:
    """A line of a table."""
    digits = 6 if one.error else 10
    cells = (
        one.name,
        number(one.published, 10),
        number(one.ours, digits),
        difference(one.difference),
        f"{one.tolerance:.1e}" + (" (4 standard errors)" if one.error else ""),
        f"`{test}`",
    )
    return f"| {' | '.join(cells)} |"


def number(value: float, digits: int) -> str:
    """A number, or a word where there is none."""
    if math.isnan(value):
        return "no rate"
    return f"{0.0 if abs(value) < 1e-12 else value:.{digits}g}"


def difference(value: float) -> str:
    """A difference to one digit; rounding is none."""
    return "0" if math.isnan(value) or abs(value) < 1e-12 else f"{value:+.0e}"


def worked_table() -> Iterator[str]:
    """Yield the table of tables worked by hand."""
    yield "| table | numbers | largest difference | tolerance |"
    yield "|---|---|---|---|"
    for name, comparisons in validation_rows.worked_rows():
        worst = max(abs(one.difference) for one in comparisons)
        largest = "0" if worst < 1e-12 else f"{worst:.0e}"
        yield f"| {name} | {len(comparisons)} | {largest} | {PRINTED:.1e} |"


def others() -> str:
    """The table of agreement with other software."""
    import numpy_financial
    import pyxirr

    names = list(other_software.EXPLANATIONS)
    explained = "\n".join(f"- *{name}*: {text}" for name, text in other_software.EXPLANATIONS.items())
    intro = OTHERS.format(
        pyxirr=pyxirr.__version__, numpy_financial=numpy_financial.__version__, n=MANY, explanations=explained
    )
    lines = [f"| streams | software | {' | '.join(names)} |", f"|---|---|{'---|' * len(names)}"]
    found = {family: other_software.compared(family, MANY) for family in other_software.FAMILIES}
    found["dated, some with late calls"] = other_software.compared_by_date(MANY)
    for family, by_software in found.items():
        for software, counts in by_software.items():
            lines.append(f"| {family} | {software} | {' | '.join(str(counts[name]) for name in names)} |")
    return "\n".join([intro, *lines, ""])


if __name__ == "__main__":
    main()
