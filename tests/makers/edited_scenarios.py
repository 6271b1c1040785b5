"""Edits of a scenario, and what of a run each one keeps: the rows of the table in docs/randomness.md.

A run is looked at in parts: market, closing, park enterprises, outside enterprises of the vehicle that is
edited (one) and of the other (two), and the deals and cash of the other. An edit that keeps a part keeps
every bit of it.
"""

import copy
from dataclasses import dataclass
from functools import cache

import numpy as np

from fundsim.engine.passes import run_passes
from fundsim.kernels.layout import NEVER
from fundsim.plan import make_plan
from fundsim.results import Results
from fundsim.scenario import Scenario
from fundsim.simulate import simulate
from fundsim.vocabulary import End
from tests.makers.plain_scenarios import fund, plain, property_block, sector, stage

PATHS = 12
PARTS = ("market", "closing", "park", "own outside", "others' outside", "others' deals")


def base():
    """Two funds that buy in the park and outside, in a market that moves; one is edited.

    Rounds are so large that the two never compete for one.
    """
    outcomes = {
        "A": {"advance": 0.6, "failure": 0.2, "stall": 0.2},
        "B": {"listing": 0.5, "merger": 0.3, "failure": 0.2},
    }
    stages = [
        stage(
            name,
            years,
            "gamma",
            outcomes[name],
            volatility=0.5,
            entry={"median": value, "log_sd": 0.4},
            sold=0.3,
        )
        for name, years, value in (("A", 1.0, 200.0), ("B", 1.5, 600.0))
    ]
    mandate = {"park_share": 0.5, "over_years": 3.0, "n_candidates": 2, "skill": 0.5, "relay": False}
    vehicles = [
        fund(name, ["chips"], ["A"], deals=8, ticket=2.0, size=60.0, mandate=dict(mandate))
        for name in ("one", "two")
    ]
    chips = sector("chips", stages, quality_effect=0.1, listing={"boards": ["open board"], "share_sold": 0.2})
    chips["betas"] = [{"factor": "market", "beta": 1.0}]
    content = plain(vehicles, [chips], years=8.0)
    content["boards"] = [{"name": "open board", "pass_probability": 0.7, "lock_up_years": 0.5}]
    content["closing"] = {"raised_share": {"mean": 0.8, "sd": 0.1}, "correlation": 0.5}
    content["park"] = {"streams": [{"name": "old", "sector": "chips", "stage": "A", "per_year": 5.0}]}
    content["market"] = {
        "index": {"drift": 0.05, "volatility": 0.2},
        "factors": [{"name": "cycle", "volatility": 0.15}],
        "window": {
            "states": [{"name": "open"}, {"name": "shut", "listing_pass": 0.5}],
            "transition": {"generator": {"open": {"shut": 0.5}, "shut": {"open": 0.5}}},
            "initial": "open",
        },
    }
    return content


@dataclass(frozen=True)
class Run:
    """A run by its passes and its results."""

    plan: object
    passes: object
    results: Results

    def enterprises(self, rows):
        """Key, quality, entry, end, value and rounds of rows of the enterprises pass."""
        world = self.passes.enterprises
        is_open = np.arange(world.round_pre.shape[1]) < world.n_rounds[rows, None]
        names = ("key", "quality", "entry_date", "end_kind", "end_period", "end_value")
        return [getattr(world, name)[rows] for name in names] + [world.round_pre[rows][is_open]]

    @property
    def own(self):
        """The vehicle that is edited, perhaps under another name."""
        return next(one.name for one in self.plan.scenario.vehicles if one.name in ("one", "another"))

    def park(self):
        """Rows of the stream that there was, perhaps under another name."""
        names = [one.name for one in self.plan.scenario.park.streams]
        stream = next(name for name in names if name in ("old", "another"))
        first, n_park = self.passes.enterprises.first_row, self.passes.enterprises.n_park
        rows = np.concatenate([np.arange(a, a + n) for a, n in zip(first[:-1], n_park, strict=True)])
        return rows[self.passes.enterprises.origin[rows] == names.index(stream)]

    def outside(self, vehicle):
        v = [one.name for one in self.plan.scenario.vehicles].index(vehicle)
        deals = [d for d, deal in enumerate(self.plan.names.deals) if deal.vehicle == v]
        return np.flatnonzero(np.isin(-1 - self.passes.enterprises.origin, deals))

    def closed(self, vehicle):
        v = [one.name for one in self.plan.scenario.vehicles].index(vehicle)
        rows = [row for row, (w, _) in enumerate(self.plan.names.investor_rows) if w == v]
        return self.passes.closing.closed[:, rows]

    def deals_and_cash(self, vehicle):
        exits = self.results.exits()
        exits = exits[exits["vehicle"] == vehicle]
        columns = [exits[name].to_numpy() for name in ("path", "cost", "proceeds")]
        flows = [self.results.paths_of(flow, vehicle) for flow in ("contribution", "distribution", "nav")]
        return [*columns, exits["channel"].astype(str).to_numpy(), *flows]

    def part(self, name):
        """The arrays of a part."""
        if name == "market":
            return [self.passes.market.index, self.passes.market.factors, self.passes.market.window]
        if name == "closing":
            return [self.closed(self.own), self.closed("two")]
        if name == "park":
            return self.enterprises(self.park())
        if name == "own outside":
            return self.enterprises(self.outside(self.own))
        if name == "others' outside":
            return self.enterprises(self.outside("two"))
        return self.deals_and_cash("two")


def run(content, paths=PATHS, seed=None):
    content = copy.deepcopy(content)
    if seed is not None:
        content["run"]["seed"] = seed
    scenario = Scenario.from_dict(content)
    plan = make_plan(scenario)
    return Run(plan, run_passes(plan, 0, paths), simulate(scenario, paths=paths, threads=1, progress=False))


@cache
def before():
    return run(base())


def is_same(ours, expected):
    return len(ours) == len(expected) and all(
        a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in zip(ours, expected, strict=True)
    )


# Edits: each takes the base scenario and changes it in place


def other_title(content):
    content |= {"title": "another", "description": "another"}
    content["run"] |= {"threads": 2, "kept_paths": 5000, "control_variates": True}


def further_vehicle(content):
    other = copy.deepcopy(content["sectors"][0]) | {"name": "drugs"}
    content["sectors"].append(other)
    content["vehicles"].append(
        fund("three", ["drugs"], ["A"], deals=5, size=60.0, mandate={"over_years": 3.0})
    )


def other_order_of_vehicles(content):
    content["vehicles"].reverse()


def other_name_of_a_vehicle(content):
    content["vehicles"][0]["name"] = "another"


def other_fees(content):
    content["vehicles"][0]["terms"] |= {
        "fee_rate": 0.02, "carry_rate": 0.2, "hurdle_rate": 0.06, "calls": [0.5, 0.5], "term_years": 7,
    }  # fmt: skip


def other_size(content):
    content["vehicles"][0]["investors"][0]["commitment"] *= 3
    content["vehicles"][0]["mandate"]["ticket"] *= 2


def more_deals(content):
    content["vehicles"][0]["mandate"]["deals"] = 12


def more_candidates(content):
    content["vehicles"][0]["mandate"]["n_candidates"] = 4


def looks_at_one(content):
    content["vehicles"][0]["mandate"]["looks_at"] = 1


def later_start(content):
    content["vehicles"][0]["start"] = "2023-10-01"


def clauses(content):
    content["vehicles"][0]["exits"] = {
        "buyback": {"after_years": 2},
        "transfer": {"from_years": 1},
        "mark": "cost",
    }


def further_stream(content):
    new = {"name": "new", "sector": "drugs", "stage": "B", "per_year": 3.0}
    content["sectors"].insert(0, copy.deepcopy(content["sectors"][0]) | {"name": "drugs"})
    content["park"]["streams"].insert(0, new)


def more_arrivals(content):
    content["park"]["streams"][0]["per_year"] = 8.0


def other_name_of_a_stream(content):
    content["park"]["streams"][0]["name"] = "another"


def further_stage(content):
    content["sectors"][0]["stages"].append(stage("C", 2.0, entry=200.0))


def other_name_of_a_stage(content):
    content["sectors"][0]["stages"][1]["name"] = "another"


def more_volatile_stage(content):
    for one in content["sectors"][0]["stages"]:
        one |= {"volatility": 0.8, "drift": 0.1}


def other_odds(content):
    content["sectors"][0]["stages"][0]["outcomes"] = {"advance": 0.3, "failure": 0.5, "stall": 0.2}


def other_board(content):
    content["boards"][0]["pass_probability"] = 0.2


def further_factor(content):
    content["market"]["factors"].append({"name": "another", "volatility": 0.3})


def correlated_factors(content):
    content["market"]["correlations"] = [{"between": ["market", "cycle"], "value": 0.7}]


def more_volatile_index(content):
    content["market"]["index"]["volatility"] = 0.4


def faster_window(content):
    content["market"]["window"]["transition"]["generator"] = {"open": {"shut": 3.0}, "shut": {"open": 0.1}}


def other_closing(content):
    content["closing"]["raised_share"] = {"mean": 0.6, "sd": 0.05}


def longer_horizon(content):
    content["horizon_years"] = 10.0


def monthly(content):
    content["periods_per_year"] = 12


def mirrored_pairs(content):
    content["run"]["antithetic"] = True


def with_property(content):
    block = property_block()
    block["reits"][0]["probability"] = {"open": 0.5, "shut": 0.5}
    content["property"] = block


# What is kept of a part that is kept in part: each looks at the base run and at the edited one


def closing_rank(old, new):
    """The same paths close well."""
    for vehicle in ("one", "two"):
        assert (np.argsort(old.closed(vehicle)[:, 0]) == np.argsort(new.closed(vehicle)[:, 0])).all()


def own_closing_moves(old, new):
    """The other vehicle closes as it did."""
    assert (old.closed("two") == new.closed("two")).all()
    assert not (old.closed(old.own) == new.closed(new.own)).any()


def own_closing_scales(old, new):
    np.testing.assert_allclose(new.closed("one"), 3.0 * old.closed("one"), rtol=1e-14)
    assert (old.closed("two") == new.closed("two")).all()


def planned_order(one, vehicle):
    """Quality of the outside enterprise of each deal, by path and deal."""
    rows, n = one.outside(vehicle), len(one.passes.enterprises.first_row) - 1
    path = path_of(one, rows)
    deal = -1 - one.passes.enterprises.origin[rows]
    first = deal.min()
    table = np.full((n, deal.max() - first + 1), np.nan)
    table[path, deal - first] = one.passes.enterprises.quality[rows]
    return table


def deals_keep_their_enterprise(old, new):
    """The k-th deal has the enterprise that it had, at another time."""
    before_edit, after_edit = planned_order(old, "one"), planned_order(new, "one")
    n = min(before_edit.shape[1], after_edit.shape[1])
    assert (before_edit[:, :n] == after_edit[:, :n]).all()


def candidates_are_joined(old, new):
    """The candidates there were are still there, so a deal keeps its
    enterprise or takes a new one that signals better.
    """
    keys = [one.passes.enterprises.key[one.outside("one")] for one in (old, new)]
    share = (keys[0] == keys[1]).mean()
    assert 0.2 < share < 0.8, "two of four candidates were there before"


def number_in_stream_keeps_its_draws(old, new):
    """The i-th arrival is who it was, at another time."""
    sides = []
    for one in (old, new):
        rows = one.park()
        path = path_of(one, rows)
        world = one.passes.enterprises
        sides.append(
            {
                (p, n): (k, q)
                for p, n, k, q in zip(
                    path.tolist(),
                    world.number[rows].tolist(),
                    world.key[rows].tolist(),
                    world.quality[rows].tolist(),
                    strict=True,
                )
            }
        )
    shared = sides[0].keys() & sides[1].keys()
    assert len(shared) > 100
    assert all(sides[0][one] == sides[1][one] for one in shared)


def rows_of_each(old, new):
    """Rows of the park, of the vehicle that is edited, and of the other, in both runs."""
    yield old.park(), new.park()
    yield old.outside(old.own), new.outside(new.own)
    yield old.outside("two"), new.outside("two")


def are_equal(old, new, names):
    """Whether columns of the enterprises pass are equal for all rows."""
    for rows_old, rows_new in rows_of_each(old, new):
        for name in names:
            ours, expected = (
                getattr(new.passes.enterprises, name)[rows_new],
                getattr(old.passes.enterprises, name)[rows_old],
            )
            assert len(ours) > 50
            np.testing.assert_array_equal(ours, expected, err_msg=name)


def first_milestones_are_equal(old, new):
    for rows_old, rows_new in rows_of_each(old, new):
        ends = [
            one.passes.enterprises.segment_to[rows, 0] for one, rows in ((old, rows_old), (new, rows_new))
        ]
        np.testing.assert_array_equal(*ends)


def until_the_stage(old, new):
    """Entry and the first stage are what they were."""
    are_equal(old, new, ("key", "quality", "entry_date"))
    first_milestones_are_equal(old, new)


def milestones_stay(old, new):
    """The first stage of each enterprise ends when it did; what happens then is drawn with other odds."""
    are_equal(old, new, ("key", "quality", "entry_date"))
    first_milestones_are_equal(old, new)


def dates_and_ends_stay(old, new):
    """Values move; clocks and outcomes do not, as they have no slopes here."""
    are_equal(old, new, ("entry_date", "end_kind", "end_period", "n_rounds", "filing_period"))


def unfiled_stay(old, new):
    """Enterprises that do not file for a listing live the same
    life, and those that file do so on the same date.
    """
    are_equal(old, new, ("filing_period",))
    for rows_old, rows_new in rows_of_each(old, new):
        never = old.passes.enterprises.filing_period[rows_old] == NEVER
        assert never.sum() > 20
        assert is_same(old.enterprises(rows_old[never]), new.enterprises(rows_new[never]))


def earlier_dates_stay(old, new):
    """Market: all dates up to the old horizon."""
    assert (new.passes.market.index[:, : old.passes.market.index.shape[1]] == old.passes.market.index).all()
    assert (
        new.passes.market.window[:, : old.passes.market.window.shape[1]] == old.passes.market.window
    ).all()


def ended_stay(old, new):
    """Enterprises that had ended before the old horizon."""
    keys = old.passes.enterprises.key, new.passes.enterprises.key
    has_ended = old.passes.enterprises.end_kind != End.ALIVE
    place = {key: row for row, key in enumerate(keys[1].tolist())}
    rows = np.flatnonzero(has_ended)
    twins = np.array([place[key] for key in keys[0][rows].tolist()])
    assert is_same(old.enterprises(rows), new.enterprises(twins))


def window_stays(old, new):
    assert (new.passes.market.window == old.passes.market.window).all()
    assert not (new.passes.market.index[:, 1:] == old.passes.market.index[:, 1:]).any()


def index_stays(old, new):
    assert (new.passes.market.index == old.passes.market.index).all()
    assert (new.passes.market.factors == old.passes.market.factors).all()
    assert not (new.passes.market.window == old.passes.market.window).all()


def index_and_window_stay(old, new):
    assert (new.passes.market.index == old.passes.market.index).all()
    assert (new.passes.market.window == old.passes.market.window).all()
    assert not (new.passes.market.factors[:, 1] == old.passes.market.factors[:, 1]).all()


def factors_there_were_stay(old, new):
    n = old.passes.market.factors.shape[1]
    assert is_same(
        [new.passes.market.index, new.passes.market.factors[:, :n], new.passes.market.window],
        old.part("market"),
    )


def even_markets_stay(old, new):
    """Even paths; the odd one of a pair mirrors the even one."""
    for name in ("index", "factors", "window"):
        ours, expected = (getattr(one.passes.market, name) for one in (new, old))
        np.testing.assert_array_equal(ours[::2], expected[::2])
    factors = new.passes.market.factors
    np.testing.assert_array_equal(factors[1::2], -factors[::2])


def even_closings_stay(old, new):
    """Even paths."""
    for vehicle in ("one", "two"):
        assert (new.closed(vehicle)[::2] == old.closed(vehicle)[::2]).all()


def lives_on_even_paths_stay(old, new):
    """Everybody is who it was and enters when it did; on even paths the whole life is the same."""
    are_equal(old, new, ("key", "quality", "entry_date"))
    for rows in rows_of_each(old, new):
        ours, expected = (
            part[path_of(one, part) % 2 == 0] for one, part in zip((old, new), rows, strict=True)
        )
        assert is_same(old.enterprises(ours), new.enterprises(expected))


def path_of(one, rows):
    """The path of each row."""
    return np.searchsorted(one.passes.enterprises.first_row, rows, side="right") - 1


def qualities_stay(old, new):
    """Who comes is the same; dates fall on another grid, and values
    are drawn period by period only where they must be.
    """
    are_equal(old, new, ("key", "quality"))


EDITS = {
    "title, threads, kept paths, control variates": other_title,
    "another seed": None,
    "more paths": None,
    "a longer horizon": longer_horizon,
    "more periods in a year": monthly,
    "a further vehicle": further_vehicle,
    "vehicles in another order": other_order_of_vehicles,
    "another name of a vehicle": other_name_of_a_vehicle,
    "fees, carry, calls, term of a vehicle": other_fees,
    "size and ticket of a vehicle": other_size,
    "more planned deals": more_deals,
    "more candidates for a deal": more_candidates,
    "how many offers a team looks at": looks_at_one,
    "a later start of a vehicle": later_start,
    "buyback and transfer clauses, marks": clauses,
    "a further stream of the park": further_stream,
    "more arrivals in a stream": more_arrivals,
    "another name of a stream": other_name_of_a_stream,
    "a further stage that is not reached": further_stage,
    "another name of a stage": other_name_of_a_stage,
    "drift and volatility of stages": more_volatile_stage,
    "odds of a stage": other_odds,
    "a board's pass probability": other_board,
    "a further factor": further_factor,
    "correlation of factors": correlated_factors,
    "volatility of the index": more_volatile_index,
    "rates of the window": faster_window,
    "how much is raised at the closing": other_closing,
    "mirrored pairs of paths": mirrored_pairs,
    "property": with_property,
}

OF_ENTERPRISES = ("park", "own outside", "others' outside")
ENTERPRISES_KEPT_IN_PART = {
    "a longer horizon": ended_stay,
    "more periods in a year": qualities_stay,
    "another name of a stage": until_the_stage,
    "drift and volatility of stages": dates_and_ends_stay,
    "odds of a stage": milestones_stay,
    "a board's pass probability": unfiled_stay,
    "volatility of the index": dates_and_ends_stay,
    "rates of the window": unfiled_stay,
    "mirrored pairs of paths": lives_on_even_paths_stay,
}
KEPT_IN_PART = {
    (edit, part): check for edit, check in ENTERPRISES_KEPT_IN_PART.items() for part in OF_ENTERPRISES
} | {
    ("a longer horizon", "market"): earlier_dates_stay,
    ("another name of a vehicle", "closing"): own_closing_moves,
    ("size and ticket of a vehicle", "closing"): own_closing_scales,
    ("a later start of a vehicle", "closing"): own_closing_moves,
    ("more planned deals", "own outside"): deals_keep_their_enterprise,
    ("more candidates for a deal", "own outside"): candidates_are_joined,
    ("a later start of a vehicle", "own outside"): deals_keep_their_enterprise,
    ("more arrivals in a stream", "park"): number_in_stream_keeps_its_draws,
    ("a further factor", "market"): factors_there_were_stay,
    ("correlation of factors", "market"): index_and_window_stay,
    ("volatility of the index", "market"): window_stays,
    ("rates of the window", "market"): index_stays,
    ("how much is raised at the closing", "closing"): closing_rank,
    ("mirrored pairs of paths", "market"): even_markets_stay,
    ("mirrored pairs of paths", "closing"): even_closings_stay,
}


def edited(name):
    """The run of the base scenario after an edit."""
    content = base()
    if name == "another seed":
        return run(content, seed=2)
    if name == "more paths":
        return first_paths_of(run(content, 3 * PATHS))
    EDITS[name](content)
    return run(content)


class FirstPaths(Run):
    """The first paths of a longer run."""

    def part(self, name):
        if name == "market":
            return [array[:PATHS] for array in super().part(name)]
        if name == "closing":
            return [array[:PATHS] for array in super().part(name)]
        if name == "others' deals":
            *exits, called, paid, nav = super().part(name)
            is_first = exits[0] < PATHS
            return [array[is_first] for array in exits] + [array[:PATHS] for array in (called, paid, nav)]
        return super().part(name)

    def park(self):
        rows = super().park()
        return rows[rows < self.passes.enterprises.first_row[PATHS]]

    def outside(self, vehicle):
        rows = super().outside(vehicle)
        return rows[rows < self.passes.enterprises.first_row[PATHS]]


def first_paths_of(longer):
    return FirstPaths(longer.plan, longer.passes, longer.results)
