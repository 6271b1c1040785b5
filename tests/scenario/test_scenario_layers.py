"""Layers: what a file extends, the file, single values over it;
places survive, lists of named things merge by name.
"""

from pathlib import Path

import pytest

from fundsim.errors import ScenarioError
from fundsim.scenario import Scenario, load_scenario
from fundsim.scenario.assumptions import assumptions
from fundsim.scenario.presets import preset_value

ROOT = Path(__file__).parents[2]
BASE = """\
name: parent
start: 2025-01-01
market: {window: {states: [{name: open}], initial: open}}
vehicles:
  - name: mother
    kind: mother
    investors: [{name: fiscal, kind: fiscal, commitment: 10}, {name: state, kind: state, commitment: 5}]
    terms: {fee_rate: 1%, term_years: 10}
  - name: sub.fund
    kind: sub_fund
    investors: [{vehicle: mother, commitment: 3}, {name: social, kind: social, commitment: 6}]
    pool: {schedule: {contributions: [1], distributions: [0, 2]}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "parent.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def write(folder, text, name="mine.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def message(folder, text, overrides=()):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(folder, text), overrides)
    return str(caught.value).replace(str(folder) + "/", "")


def test_a_file_changes_single_values_of_what_it_extends(folder):
    text = """\
extends: parent.yaml
name: child
vehicles:
  - name: mother
    terms: {fee_rate: 0.5%}
    investors: [{name: state, commitment: 7}, {name: bank, kind: social, commitment: 1}]
  - {name: sub.fund, investors: [{vehicle: mother, cap_share: 40%}, {name: social, remove: true}]}
"""
    scenario = load_scenario(write(folder, text))
    mother = scenario.vehicle("mother")
    assert (scenario.name, mother.terms.fee_rate, mother.terms.term_years) == ("child", 0.005, 10)
    assert [(investor.label, investor.commitment) for investor in mother.investors] == [
        ("fiscal", 10),
        ("state", 7),
        ("bank", 1),
    ]
    assert [(i.label, i.commitment, i.cap_share) for i in scenario.vehicle("sub.fund").investors] == [
        ("mother", 3, 0.4)
    ]


def test_an_error_stands_where_the_value_was_written(folder):
    assert message(folder, "extends: parent.yaml\nhorizon_years: 0.3\n").startswith(
        "mine.yaml:2:1: horizon_years | "
    )
    write(folder, BASE.replace("fee_rate: 1%", "fee_rate: 500%"), "parent.yaml")
    assert message(folder, "extends: parent.yaml\nname: child\n").startswith(
        "parent.yaml:8:13: vehicles[0] \"mother\" terms.fee_rate | '500%' is above 1"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "extends: parnet.yaml\n",
            (
                "mine.yaml:1:10: extends | cannot read 'parnet.yaml': no such file or directory; "
                "did you mean 'parent.yaml'?"
            ),
        ),
        (
            "extends: mine.yaml\n",
            "mine.yaml:1:10: extends | 'mine.yaml' extends this file in turn; break the circle",
        ),
        (
            "extends: [a]\n",
            "mine.yaml:1:10: extends | this is not the name of a file; give one file, or fundsim:NAME",
        ),
        (
            "extends: fundsim:bas\n",
            "mine.yaml:1:10: extends | there is no shipped scenario 'bas'; did you mean 'base'?",
        ),
        (
            "- a\n",
            (
                "mine.yaml:1:1: the file holds a list, not a block of keys; "
                "write keys such as 'name: …', a colon and a space after each"
            ),
        ),
        (
            "extends: parent.yaml\nvehicles: [{name: mothr, remove: true}]\n",
            (
                "mine.yaml:2:12: vehicles[0] \"mothr\" | 'mothr' is to be removed, but it is not there; "
                "there are mother, sub.fund"
            ),
        ),
        (
            "extends: parent.yaml\nvehicles: [{name: mother, remove: true, kind: direct}]\n",
            (
                'mine.yaml:2:47: vehicles[0] "mother" kind | the item is to be removed, yet gives kind; '
                "give the name and remove alone"
            ),
        ),
        (
            "extends: parent.yaml\nvehicles:\n  - {name: mother}\n  - {name: mother}\n",
            (
                "mine.yaml:4:5: vehicles[1] \"mother\" | the name 'mother' stands twice in this list, in lines 3 and 4; "  # noqa: E501
                "rename one of them or drop it"
            ),
        ),
        (
            "extends: parent.yaml\nsectors: [{name: x, extends: china_hardteck}]\n",
            (
                "mine.yaml:2:30: sectors[0] \"x\" extends | there is no preset sector 'china_hardteck'; "
                "did you mean 'china_hardtech'?"
            ),
        ),
        (
            "extends: parent.yaml\nvehicles: [{name: mother, mandate: {extends: china_angle}}]\n",
            (
                "mine.yaml:2:46: vehicles[0] \"mother\" mandate.extends | there is no preset mandate 'china_angle'; "  # noqa: E501
                "did you mean 'china_angel'?"
            ),
        ),
    ],
)
def test_layers_that_do_not_fit_say_so(folder, text, expected):
    assert message(folder, text) == expected


def test_a_circle_through_several_files_is_found(folder):
    write(folder, "extends: b.yaml\n", "a.yaml")
    write(folder, "extends: a.yaml\n", "b.yaml")
    assert "extends this file in turn; break the circle" in message(folder, "extends: a.yaml\n")


def test_extends_is_relative_to_the_file_that_says_it(folder, monkeypatch):
    (folder / "deep").mkdir()
    path = write(folder / "deep", "extends: ../parent.yaml\nname: deep\n")
    monkeypatch.chdir("/")
    assert load_scenario(path).vehicle("mother").size == 15


def test_a_shipped_scenario_extends_what_is_shipped_beside_it(folder, monkeypatch):
    """Wherever one stands, the file of that name in the working folder is not meant."""
    write(folder, "name: another\n", "park_reits.yaml")
    monkeypatch.chdir(folder)
    scenario = load_scenario("fundsim:property_stress")
    assert scenario.property_ is not None
    parent = load_scenario("fundsim:park_reits")
    assert [project.name for project in scenario.property_.projects] == [
        project.name for project in parent.property_.projects
    ]


def test_shipped_scenarios_can_be_extended(folder):
    scenario = load_scenario(write(folder, "extends: fundsim:base\nname: mine\n"))
    assert scenario.name == "mine"
    assert scenario.vehicles == load_scenario("fundsim:base").vehicles


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ("vehicles.mother.terms.fee_rate=0.4%", lambda s: s.vehicle("mother").terms.fee_rate == 0.004),
        ("vehicles[0].terms.fee_rate=0.004", lambda s: s.vehicle("mother").terms.fee_rate == 0.004),
        ('vehicles."sub.fund".exits.mark=cost', lambda s: s.vehicle("sub.fund").exits.mark == "cost"),
        ("vehicles.'sub.fund'.start=2026-01-01", lambda s: s.vehicle("sub.fund").start.year == 2026),
        ("vehicles.mother.investors.state.commitment=9", lambda s: s.vehicle("mother").size == 19),
        (
            "vehicles.mother.terms.calls=[50%, 0.5]",
            lambda s: s.vehicle("mother").terms.tranches == (0.5, 0.5),
        ),
        ("run.seed=7", lambda s: s.run.seed == 7),
        ("run={seed: 8}", lambda s: s.run.seed == 8 and s.run.paths == 10_000),
        ("vehicles.mother.terms.fee_rate=null", lambda s: s.vehicle("mother").terms.fee_rate is None),
        ("boards.star.lock_up_years=2", lambda s: s.boards[0].lock_up_years == 2 and len(s.boards) == 8),
        ("market.index.drift=0.1", lambda s: s.market.index.drift == 0.1),
        (
            "vehicles.mother.terms.fee_phases=[{until_years: 10, rate: 1%}]",
            lambda s: s.vehicle("mother").terms.fee_rate is None,
        ),
        (
            "vehicles.mother.terms.term_sale_discount.mean=0.2",
            lambda s: s.vehicles[0].terms.term_sale_discount.sd == 0.12,
        ),
    ],
)
def test_a_value_can_be_set_by_path(folder, setting, read):
    assert read(load_scenario(folder / "parent.yaml", [setting]))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            ["vehicles.mothr.kind=direct"],
            (
                "--set vehicles.mothr.kind: there is no item of 'vehicles' called 'mothr'; "
                "did you mean 'mother'?"
            ),
        ),
        (
            ["vehicles.mother.terms.fee_rat=1%"],
            (
                '--set vehicles.mother.terms.fee_rat: vehicles[0] "mother" terms.fee_rat | '
                "there is no key 'fee_rat' here; did you mean 'fee_rate'?"
            ),
        ),
        (["vehicles[2].kind=direct"], "--set vehicles[2].kind: 'vehicles' has no item [2]; give [0] to [1]"),
        (["name.first=x"], "--set name.first: 'name' is not a block with keys; shorten the path"),
        (["run[0]=x"], "--set run[0]: 'run' is not a list; shorten the path"),
        (["run.seed"], "--set run.seed: 'run.seed' has no '='; write --set path=value"),
        (["run.seed="], "--set run.seed: there is no value after '='; write null for none"),
        (
            ["a..b=1"],
            (
                "--set a..b: 'a..b' is no path; write a path such as vehicles.mother.terms.fee_rate, "
                "names with dots in quotes"
            ),
        ),
        (
            ["run.seed=-1", "run.paths=x"],
            (
                "--set run.paths: run.paths | 'x' is not a number; "
                "give a whole number from 1 to 10,000,000, without a unit (count)\n"
                "--set run.seed: run.seed | -1 is below 0; give a whole number from 0 to 9,223,372,036,854,775,807"  # noqa: E501
            ),
        ),
    ],
)
def test_a_path_that_leads_nowhere_says_so(folder, settings, expected):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder / "parent.yaml", settings)
    assert str(caught.value) == expected


def test_overriding_makes_a_new_scenario_and_leaves_the_old(folder):
    scenario = load_scenario(folder / "parent.yaml")
    other = scenario.override({"vehicles.mother.terms.fee_rate": 0.004})
    assert (scenario.vehicle("mother").terms.fee_rate, other.vehicle("mother").terms.fee_rate) == (
        0.01,
        0.004,
    )
    assert other.override({"vehicles.mother.terms.fee_rate": 0.01}) == scenario
    with pytest.raises(ScenarioError, match=r"^override run\.paths: run\.paths \| 0 is below 1"):
        scenario.override({"run.paths": 0})


def test_amounts_of_presets_follow_the_unit_of_the_scenario(folder):
    text = BASE + "sectors: [{name: tech, extends: china_hardtech}]\n"
    large = load_scenario(write(folder, text))
    small = load_scenario(write(folder, text), ["currency.unit=1e4"])
    assert (
        small.sectors[0].stages[1].entry_value.median == 1e4 * large.sectors[0].stages[1].entry_value.median
    )
    assert small.boards[0].minimum_value == 1e4 * large.boards[0].minimum_value


def test_parts_of_a_preset_can_be_changed(folder):
    text = BASE + (
        "sectors: [{name: t, extends: china_hardtech, stages: [{name: seed, drift: 9%}], merger: "
        "{multiples: [{share: 1, from: 0, to: 2}]}}]\n"
    )
    sector = load_scenario(write(folder, text)).sector("t")
    shipped = preset_value("sectors", "china_hardtech")
    assert (sector.preset, sector.stage("seed").drift) == ("china_hardtech", 0.09)
    assert sector.stage("angel").drift == shipped["stages"][1]["drift"] != 0.09
    assert sector.merger.premium is None


def test_mandate_and_exits_of_a_vehicle_may_start_from_presets(folder):
    text = BASE + (
        "  - name: fund\n"
        "    kind: sub_fund\n"
        "    investors: [{name: state, kind: state, commitment: 1}]\n"
        "    mandate: {extends: china_angel, sectors: [t], deals: 9, ticket: 0.1,\n"
        "      stages: [A], stage_weights: [1]}\n"
        "    exits: {extends: china_sub_fund, buyback: {rate: 10%}}\n"
        "sectors: [{name: t, extends: china_hardtech}]\n"
    )
    scenario = load_scenario(write(folder, text))
    fund, shipped = scenario.vehicle("fund"), preset_value("exits", "china_sub_fund")
    assert (fund.mandate.preset, fund.mandate.stages, fund.mandate.n_candidates) == ("china_angel", ("A",), 4)
    assert (fund.exits.preset, fund.exits.buyback.rate) == ("china_sub_fund", 0.10)
    assert fund.exits.buyback.full == shipped["buyback"]["full"]
    assert fund.exits.transfer.probability == shipped["transfer"]["probability"]
    said = {row.path: row.evidence.source for row in assumptions(scenario)}
    assert said["vehicles.*.exits.transfer.discount"].startswith("sales at 60 to 70 %")
    assert "vehicles.*.mandate" in said
    assert Scenario.from_text(scenario.to_yaml()) == scenario


LEAVES = {
    "terms": {"fee_phases", "fee_rate", "carry_rate", "term_years", "extension_years", "calls", "style"},
    "exits": set(),
    "mandates": {
        "stages",
        "stage_weights",
        "max_round_share",
        "reserve_share",
        "follow_on_share",
        "n_candidates",
    },
}
"""What a fund may say for itself: what it costs, how long it lasts, how it calls, what it buys. How it sells,
how it ends and how it finds its deals it may not, as the presets of sectors were fitted with that.
"""
MAY_LEAVE = {
    "quality fund": {"term_sale_discount"}
}  # a mother of property, which sells at less of a discount


def funds_of_enterprises(name):
    scenario = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
    return [vehicle for vehicle in scenario.vehicles if vehicle.mandate is not None]


def left(part, kind, may):
    """The values of the preset of a block that the block itself does not have."""
    assert part.preset is not None, kind
    own = part.model_dump(mode="json", by_alias=True)
    for key, shipped in preset_value(kind, part.preset).items():
        is_block = isinstance(shipped, dict)
        if key not in may and shipped != (
            {name: own[key][name] for name in shipped} if is_block else own[key]
        ):
            yield key


@pytest.mark.parametrize(
    "name",
    [
        *("calibration/china_funds", "calibration/china_biopharma", "qinchuangyuan", "biobay", "jiading"),
        *("park_funds", "suzhou_industrial_park", "shanghai_park_quality"),
    ],
)
def test_shipped_funds_sell_and_end_as_the_funds_that_were_fitted(name):
    """A fund that sets its own chances of payment, discounts or end leaves the fit without a word."""
    for fund in funds_of_enterprises(name):
        blocks = {"terms": fund.terms, "exits": fund.exits}
        if not fund.mandate.with_vehicles:  # who joins others' rounds finds no deals
            blocks["mandates"] = fund.mandate
        for kind, part in blocks.items():
            may = LEAVES[kind] | MAY_LEAVE.get(fund.name, set())
            assert list(left(part, kind, may)) == [], (fund.name, kind)


def test_text_may_extend_what_the_package_ships():
    assert Scenario.from_text("extends: fundsim:base\nname: other").name == "other"
