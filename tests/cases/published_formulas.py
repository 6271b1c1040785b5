"""Published numbers of single functions on plain arrays: rates, market equivalents, waterfalls, pacing."""

import json
import math
from pathlib import Path

import numpy as np

from fundsim import measures, pacing, waterfall
from tests.cases.published_cases import exact

PUBLISHED = json.loads(
    (Path(__file__).parents[1] / "cases" / "data" / "published_formulas.json").read_text(encoding="utf-8")
)


def irr():
    for case in PUBLISHED["irr"]:
        published = math.nan if case["irr"] is None else case["irr"]
        flows = ", ".join(f"{flow:g}" for flow in case["flows"])
        yield exact(f"{case['name']} ({flows})", published, measures.irr(case["flows"]), case["tolerance"])


def xirr():
    for case in PUBLISHED["xirr"]:
        ours = measures.xirr(case["dates"], case["amounts"], case["day_count"])
        yield exact(f"{case['name']}; {case['source']}", case["irr"], ours, case["tolerance"])


def market_equivalents():
    for case in PUBLISHED["public_market_equivalents"]:
        flows = np.array(case["flows"], dtype=float)
        arguments = (np.maximum(-flows, 0.0), np.maximum(flows, 0.0), case["nav"], case["index"])
        flows[-1] += case["nav"]
        found = {
            "irr": measures.irr(flows),
            "ks_pme": measures.ks_pme(*arguments),
            "direct_alpha": measures.direct_alpha(*arguments),
        }
        labels = {"irr": "IRR", "ks_pme": "KS-PME", "direct_alpha": "Direct Alpha"}
        for name, ours in found.items():
            yield exact(f"{case['source']}: {labels[name]}", case[name], ours, case["tolerance"])


def waterfalls():
    for case in PUBLISHED["waterfalls"]:
        names = ("style", "hurdle_rate", "catch_up_rate", "carry_rate")
        terms = waterfall.Terms(**{name: case[name] for name in names})
        ours = waterfall.distribute(case["contributions"], case["distributable"], terms).general_partner
        for period, published in enumerate(case["general_partner"]):
            if published:
                name = f"{case['name']}, carry of period {period}"
                yield exact(name, published, ours[period], case["tolerance"])
        rest = np.abs(ours[np.array(case["general_partner"]) == 0]).max()
        yield exact(f"{case['name']}, carry of all other periods", 0.0, rest, case["tolerance"])


def takahashi_alexander():
    case = PUBLISHED["takahashi_alexander"]
    names = ("commitment", "contribution_rates", "life_years", "bow", "growth_rate", "yield_rate")
    ours = pacing.takahashi_alexander(*(case[name] for name in names))
    for flow in ("contributions", "distributions", "nav"):
        for year, published in enumerate(case[flow]):
            yield exact(f"{flow}, year {year + 1}", published, getattr(ours, flow)[year], case["tolerance"])
    total = ours.distributions.sum()
    yield exact("total distributions", case["total_distributions"], total, case["tolerance"])
    yield exact("paid in", case["paid_in"], ours.contributions.sum(), case["tolerance"])
    tvpi = measures.multiples(ours.contributions, ours.distributions, ours.nav[-1]).tvpi
    yield exact("TVPI", case["tvpi"], tvpi, case["tolerance"])
