"""Runs as a whole: the same bits whatever the threads, blocks and
paths; resuming; common random numbers; limits.
"""

import threading
from functools import cache

import numpy as np
import pandas as pd
import pytest

from fundsim import simulate
from fundsim.engine.passes import run_passes
from fundsim.errors import FundsimError
from fundsim.plan import make_plan
from fundsim.results import BlockResult
from fundsim.scenario import Scenario
from fundsim.simulate import progress_shown
from tests.makers.fund_cluster import cluster
from tests.makers.plain_scenarios import fund, plain, sector, stage

SEVERAL_BLOCKS = 300


def run(content, paths=4, **options):
    scenario = content if isinstance(content, Scenario) else Scenario.from_dict(content)
    results = simulate(scenario, paths=paths, progress=False, **options)
    assert [check for check in results.checks if not check["passed"]] == []
    return results


def assert_same(ours, other):
    """Equal bits in everything that a run keeps."""
    assert ours.arrays.keys() == other.arrays.keys()
    for name, array in ours.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name], err_msg=name)


@cache
def cluster_run():
    blocks = []
    results = run(cluster(3, SEVERAL_BLOCKS), SEVERAL_BLOCKS, threads=1, on_block=blocks.append)
    assert len(blocks) >= 3
    return results, blocks


# Threads, blocks, paths


def test_threads_do_not_change_a_bit():
    assert_same(run(cluster(3, SEVERAL_BLOCKS), SEVERAL_BLOCKS, threads=2), cluster_run()[0])


def test_the_seed_changes_everything():
    results, _ = cluster_run()
    other = run(cluster(3, SEVERAL_BLOCKS), 8, seed=results.seed + 1)
    assert not np.any(other.irr("mother") == results.irr("mother")[:8])


@pytest.mark.parametrize("n", [1, 128, 200])
def test_first_paths_of_a_longer_run_are_the_paths_of_a_shorter_one(n):
    longer, _ = cluster_run()
    shorter = run(cluster(3, SEVERAL_BLOCKS), n)
    for name in ("measures", "irr_status", "leverage", "landing", "kept_flows", "kept_nav", "leverage_years"):
        np.testing.assert_array_equal(shorter.arrays[name], longer.arrays[name][:n], err_msg=name)
    exits = longer.exits()
    pd.testing.assert_frame_equal(
        shorter.exits(), exits[exits["path"] < n], check_categorical=False, check_like=True
    )


def test_a_trace_is_the_path_of_the_run():
    results, _ = cluster_run()
    again = results.trace(137).measures
    then = results.measures[results.measures["path"] == 137].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, then, check_exact=True)


# Resuming and interrupting


def stored(block):
    """A block as a file gives it back."""
    return BlockResult.from_arrays({name: array.copy() for name, array in block.to_arrays().items()})


@pytest.mark.parametrize("kept", [[0], [1], [2, 0], [0, 1, 2]])
def test_resuming_gives_the_same_bits_and_simulates_the_rest_only(kept):
    whole, blocks = cluster_run()
    new, shown = [], []
    resumed = simulate(
        cluster(3, SEVERAL_BLOCKS),
        paths=SEVERAL_BLOCKS,
        progress=lambda done, total: shown.append((done, total)),
        blocks_done=[stored(blocks[k]) for k in kept],
        on_block=new.append,
    )
    assert_same(resumed, whole)
    assert len(new) == len(blocks) - len(kept)
    assert shown[0] == (sum(blocks[k].n_paths for k in kept), SEVERAL_BLOCKS)


def test_a_block_of_another_run_is_refused():
    _, blocks = cluster_run()
    for paths in (blocks[0].n_paths // 2, SEVERAL_BLOCKS + blocks[0].n_paths):
        # the last block of the shorter run has fewer paths than its place in the longer one
        with pytest.raises(FundsimError, match="does not belong"):
            simulate(cluster(3, SEVERAL_BLOCKS), paths=paths, progress=False, blocks_done=blocks)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interruption_hands_out_what_is_done_and_the_rest_can_be_resumed(threads):
    whole, blocks = cluster_run()
    done = []

    def interrupt(finished, total):
        if finished > blocks[0].n_paths:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(
            cluster(3, SEVERAL_BLOCKS),
            paths=SEVERAL_BLOCKS,
            threads=threads,
            progress=interrupt,
            on_block=done.append,
        )
    assert 1 < len(done) <= len(blocks)
    assert [thread for thread in threading.enumerate() if thread.name.startswith("fundsim")] == []
    assert_same(run(cluster(3, SEVERAL_BLOCKS), SEVERAL_BLOCKS, blocks_done=done), whole)


def test_progress_is_told_as_blocks_are_finished():
    shown = []
    simulate(cluster(3, SEVERAL_BLOCKS), paths=SEVERAL_BLOCKS, progress=lambda *counts: shown.append(counts))
    done = [count for count, _ in shown]
    assert done[0] == 0
    assert done[-1] == SEVERAL_BLOCKS
    assert done == sorted(done)
    assert {total for _, total in shown} == {SEVERAL_BLOCKS}


def test_progress_is_quiet_where_nobody_looks(capfd):
    simulate(Scenario.from_dict(plain()))
    assert capfd.readouterr() == ("", "")


def test_a_bar_does_not_stand_in_what_a_script_prints(capfd):
    simulate(Scenario.from_dict(plain()), progress=True)
    assert capfd.readouterr().out == ""


def test_a_bar_has_a_title_as_it_is_written(capfd, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, for the bar
    with progress_shown(True, "[a run]") as show:
        show(1, 4)
    told = capfd.readouterr()
    assert told.out == ""
    assert "[a run]" in told.err
    assert "25%" in told.err


@pytest.mark.parametrize("bad", [{"paths": 0}, {"threads": 0}, {"seed": -1}, {"paths": 2.5}])
def test_numbers_out_of_range_are_refused(bad):
    with pytest.raises(FundsimError):
        simulate(Scenario.from_dict(plain()), progress=False, **bad)


# Common random numbers


def busy(sectors=None, vehicles=None, streams=None):
    """Two funds of 60 in deals of their own and of the park, with room in their budgets."""
    stages = [
        stage(
            "A",
            1.5,
            "gamma",
            {"advance": 0.6, "failure": 0.2, "stall": 0.2},
            volatility=0.5,
            entry=20.0,
            sold=0.3,
        ),
        stage(
            "B",
            2.0,
            "gamma",
            {"merger": 0.5, "failure": 0.3, "stall": 0.2},
            volatility=0.4,
            entry=60.0,
            sold=0.3,
        ),
    ]
    sectors = sectors or [sector("chips", stages, preference="standard", quality_effect=0.1)]
    mandate = {"park_share": 0.5, "over_years": 3.0, "n_candidates": 2, "skill": 0.5}
    own = [
        fund(name, ["chips"], ["A"], deals=8, ticket=2.0, size=60.0, mandate=mandate)
        for name in ("one", "two")
    ]
    park = [{"name": "old", "sector": "chips", "stage": "A", "per_year": 5.0}]
    content = plain(
        [*own, *(vehicles or [])], sectors, years=8.0, park={"streams": [*park, *(streams or [])]}
    )
    return content


def exits_of(results, vehicle):
    exits = results.exits()
    chosen = exits[exits["vehicle"] == vehicle].drop(columns="vehicle").reset_index(drop=True)
    return chosen.astype({"enterprise": str, "channel": str})


def assert_same_deals(before, after, vehicles=("one", "two")):
    for name in vehicles:
        assert len(exits_of(before, name)) > 0
        pd.testing.assert_frame_equal(exits_of(after, name), exits_of(before, name), check_exact=True)


def test_a_further_vehicle_leaves_the_others_alone():
    chips = busy()["sectors"][0]
    other = chips | {"name": "drugs"}
    late = fund("zero", ["drugs"], ["A"], deals=5, size=60.0, mandate={"over_years": 3.0})
    before = run(busy(), 20)
    after = run(busy([chips, other], [late]), 20)
    assert_same_deals(before, after)
    for name in ("one", "two"):
        np.testing.assert_array_equal(after.irr(name), before.irr(name))
        np.testing.assert_array_equal(after.paths_of("nav", name), before.paths_of("nav", name))
    assert after.activity().set_index("vehicle").loc["zero", "deals"] > 0


def test_a_fee_leaves_deals_and_the_other_fund_alone():
    before = run(busy(), 20)
    content = busy()
    content["vehicles"][0]["terms"] |= {"fee_rate": 0.02, "carry_rate": 0.2, "hurdle_rate": 0.06}
    after = run(content, 20)
    assert_same_deals(before, after)
    np.testing.assert_array_equal(after.irr("two"), before.irr("two"))
    # an IRR need not exist where fees are called after the last exit; the multiple is always lower
    assert np.all(after.measure("tvpi", "one") < before.measure("tvpi", "one"))
    np.testing.assert_allclose(
        after.measure("gross_irr", "one"), before.measure("gross_irr", "one"), rtol=1e-9
    )


def test_a_stage_at_the_end_leaves_enterprises_alone():
    before = run(busy(), 20)
    content = busy()
    content["sectors"][0]["stages"].append(stage("C", 2.0, entry=200.0))
    assert_same_deals(before, run(content, 20))
    # with nothing but an advance where there was a stall, those that did not stall live the same life
    content["sectors"][0]["stages"][1]["outcomes"] = {
        "merger": 0.5,
        "failure": 0.3,
        "stall": 0.1,
        "advance": 0.1,
    }
    assert not exits_of(run(content, 20), "one").equals(exits_of(before, "one"))


def enterprises_of(content, name, n_paths=5):
    """End, value and rounds of the enterprises of a stream, path after path."""
    plan = make_plan(Scenario.from_dict(content))
    world = run_passes(plan, 0, n_paths).enterprises
    number = [stream.name for stream in plan.scenario.park.streams].index(name)
    rows = np.flatnonzero(world.origin[: world.first_row[-1]] == number)
    is_open = np.arange(world.round_pre.shape[1]) < world.n_rounds[rows, None]
    return world.key[rows], world.end_period[rows], world.end_value[rows], world.round_pre[rows][is_open]


def test_a_further_stream_leaves_the_enterprises_of_the_others_alone():
    chips = busy()["sectors"][0]
    other = chips | {"name": "drugs"}
    new = {"name": "new", "sector": "drugs", "stage": "B", "per_year": 3.0}
    before, after = busy(), busy([other, chips], streams=[new])
    for ours, theirs in zip(enterprises_of(before, "old"), enterprises_of(after, "old"), strict=True):
        assert len(ours) > 5
        np.testing.assert_array_equal(theirs, ours)
    assert_same_deals(run(before, 20), run(after, 20))


def test_the_order_of_vehicles_does_not_change_their_own_draws():
    content = busy()
    for vehicle in content["vehicles"]:
        vehicle["mandate"]["park_share"] = 0.0
        vehicle["mandate"]["relay"] = False
    before = run(content, 20)
    after = run(content | {"vehicles": content["vehicles"][::-1]}, 20)
    assert_same_deals(before, after)


# Limits


@pytest.mark.parametrize("m", [1, 2, 4, 12])
def test_one_path_of_one_period(m):
    vehicle = fund(mandate={"over_years": 1e-6})
    results = run(plain([vehicle], years=1 / m, periods_per_year=m), paths=1)
    assert results.dates.size == 1
    assert results.measure("dpi", "fund") == [0.0]
    assert results.measure("rvpi", "fund") == [1.0]
    row = results.summary().set_index(["investor", "measure"]).loc[("all", "rvpi")]
    assert np.isnan(row["mean"])
    assert row["undefined"] == 0


def test_a_horizon_of_one_year():
    results = run(plain(years=1.0), paths=2)
    assert list(results.years) == [1]
    assert results.dpi_by_year("fund").shape == (2, 1)
    assert results.measure("tvpi", "fund") == pytest.approx(1.0)


def test_without_volatility_all_paths_are_the_same_and_known():
    results = run(plain(sectors=[sector(stages=[stage(drift=0.1)])]), paths=5)
    assert np.unique(results.irr("fund")).size == 1
    assert results.irr("fund") == pytest.approx(np.expm1(0.1), abs=1e-12)
    assert results.measure("tvpi", "fund") == pytest.approx(np.exp(0.5), abs=1e-12)
    assert results.measure("payback_years", "fund") == pytest.approx(5.25)


def test_a_fund_that_loses_everything():
    results = run(plain(sectors=[sector(stages=[stage(outcomes={"failure": 1.0})])]), paths=3)
    for name, value in {
        "net_irr": -1.0,
        "gross_irr": -1.0,
        "tvpi": 0.0,
        "dpi": 0.0,
        "loss": 1.0,
        "ks_pme": 0.0,
    }.items():
        assert results.measure(name, "fund") == pytest.approx(value, abs=0), name
    assert np.isnan(results.measure("payback_years", "fund")).all()
    assert results.pooled("fund") == {"net_irr": -1.0, "tvpi": 0.0, "dpi": 0.0}


def test_a_fund_of_one_investor_is_its_investor():
    results = run(busy(), 20)
    for name in ("tvpi", "dpi", "rvpi", "paid_in_share", "payback_years", "deepest_call", "ks_pme"):
        np.testing.assert_array_equal(results.measure(name, "one", "investor"), results.measure(name, "one"))
    # the search for a rate starts from another guess
    np.testing.assert_allclose(results.irr("one", "investor"), results.irr("one"), rtol=0, atol=1e-12)


def test_a_vehicle_that_never_closes():
    closing = {"raised_share": 0.5, "minimum_close": 0.9}
    content = busy()
    content["vehicles"][1]["closing"] = closing
    results = run(content, 20)
    assert results.irr_status("two").tolist() == [-1] * 20
    assert np.isnan(results.irr("two")).all()
    assert results.cash_flows("two").query("flow != 'nav'")["mean"].eq(0.0).all()
    row = results.summary().set_index(["vehicle", "investor", "measure"]).loc[("two", "all", "net_irr")]
    assert row["undefined"] == 20
    assert np.isnan(row["p50"])
    assert results.activity().set_index("vehicle").loc["two", "deals"] == 0
    # the other fund lives; a path that pays 12 and gets 2 back before its last call has no rate
    assert not np.isnan(results.measure("tvpi", "one")).any()
    assert np.isnan(results.irr("one")).sum() <= 1


def test_a_vehicle_of_the_general_partner_alone_pays_neither_fee_nor_carry():
    alone = [{"name": "partner", "kind": "general_partner", "commitment": 100.0}]
    terms = {"fee_rate": 0.02, "carry_rate": 0.2}
    sectors = [sector(stages=[stage(drift=0.2)])]
    results = run(plain([fund(investors=alone, terms=terms)], sectors), 2)
    assert results.measure("tvpi", "fund", "partner") == pytest.approx(np.e, abs=1e-12)
    assert results.paths_of("fee", "fund").sum() == 0
    assert results.paths_of("carry", "fund").sum() == 0


def tower(levels, **terms):
    """Vehicles each of which is the sole investor of the next, the last one with the deals."""
    names = [f"level {k}" for k in range(levels)]
    money = [{"name": "fiscal", "kind": "fiscal", "commitment": 100.0}]
    vehicles = [
        {
            "name": name,
            "kind": "mother",
            "investors": money if k == 0 else [{"vehicle": names[k - 1], "commitment": 100.0}],
            "terms": {"term_years": 10} | terms,
        }
        for k, name in enumerate(names)
    ]
    return [*vehicles, fund(deals=4, investors=[{"vehicle": names[-1], "commitment": 100.0}])]


def test_four_levels_of_vehicles_hand_through_every_payment():
    results = run(plain(tower(4), [sector(stages=[stage(drift=0.1, volatility=0.5)])]), 10)
    below = results.paths_of("net_cash_flow", "fund")
    assert np.unique(results.measure("tvpi", "fund")).size == 10
    for k in range(4):
        np.testing.assert_array_equal(results.paths_of("net_cash_flow", f"level {k}"), below)
        np.testing.assert_allclose(results.irr(f"level {k}"), results.irr("fund"), rtol=1e-12)


@pytest.mark.slow
def test_a_thousand_vehicles():
    n = 999
    money = [{"name": "fiscal", "kind": "fiscal", "commitment": 100.0 * n}]
    mother = {"name": "mother", "kind": "mother", "investors": money, "terms": {"term_years": 10}}
    stake = [{"vehicle": "mother", "commitment": 100.0}]
    vehicles = [mother, *(fund(f"fund {k}", deals=2, investors=stake) for k in range(n))]
    results = run(plain(vehicles, [sector(stages=[stage(drift=0.1, volatility=0.3)])]), 4)
    assert results.measure("tvpi", "mother").std() < 0.1
    assert results.measure("tvpi", "mother") == pytest.approx(np.exp(0.5), rel=0.1)


# Units


MONEY = ("commitment", "ticket", "entry_value", "minimum_value", "organisation_cost")


def times(value, k, key=None):
    """The scenario with all amounts k times as large."""
    if isinstance(value, dict):
        return {
            name: times(child, k, key if key in MONEY and name == "median" else name)
            for name, child in value.items()
        }
    if isinstance(value, list):
        return [times(child, k) for child in value]
    is_amount = (key in MONEY) and not isinstance(value, bool | str) and value is not None
    return value * k if is_amount else value


def assert_multiples(small, large, k, rtol):
    for vehicle in small.vehicles:
        for name in (
            "net_irr",
            "gross_irr",
            "tvpi",
            "dpi",
            "paid_in_share",
            "ks_pme",
            "direct_alpha",
            "payback_years",
        ):
            ours, theirs = small.measure(name, vehicle), large.measure(name, vehicle)
            np.testing.assert_allclose(theirs, ours, rtol=rtol, atol=rtol, err_msg=f"{vehicle} {name}")
        for flow in ("contribution", "distribution", "nav"):
            expected = small.paths_of(flow, vehicle) * k
            np.testing.assert_allclose(
                large.paths_of(flow, vehicle), expected, rtol=1e-6, atol=1e-9 * expected.max()
            )


@pytest.mark.parametrize("k", [2.0**-20, 1e8])
def test_amounts_k_times_as_large_give_flows_k_times_as_large_and_the_same_multiples(k):
    content = cluster(3, 20).to_dict()
    assert_multiples(run(content, 20), run(times(content, k), 20), k, 1e-12 if k < 1 else 1e-9)


def test_presets_follow_the_unit_of_amounts():
    def in_unit(unit):
        k = 1e8 / unit
        vehicle = fund(
            "fund",
            ["hardtech"],
            ["seed", "angel", "A", "B", "C"],
            40,
            size=10 * k,
            mandate={"over_years": 4.0},
        )
        content = plain([vehicle], years=12.0, currency={"unit": unit})
        content["sectors"] = [{"name": "hardtech", "extends": "china_hardtech"}]
        del content["boards"], content["sell_down_rules"]
        return run(content, 20)

    small, large = in_unit(1e8), in_unit(1.0)
    assert (small.exits()["channel"] == "listing").sum() > 10
    assert_multiples(small, large, 1e8, 1e-9)
