"""A name that does not exist: the nearest is told, among few exactly, among many by beginnings and ends."""

import difflib
import random

import pytest

from fundsim.errors import ScenarioError
from fundsim.files import names as module
from fundsim.files.names import LISTED, MOST_COMPARED, NEIGHBOURS, Register
from fundsim.scenario import Scenario
from tests.makers.plain_scenarios import fund, plain

MANY = [
    f"{kind} fund {place} {number}" for kind in ("seed", "growth") for place in "abc" for number in range(90)
]


@pytest.fixture
def compared(monkeypatch):
    """How many names are compared, by name that is sought."""
    counts = {}

    def counted(name, names, n, cutoff):
        counts[name] = counts.get(name, 0) + len(names)
        return difflib.get_close_matches(name, names, n=n, cutoff=cutoff)

    monkeypatch.setattr(module, "difflib", type("difflib", (), {"get_close_matches": staticmethod(counted)}))
    return counts


def misspelt(name, rng):
    """A letter left out, doubled or replaced."""
    place = rng.randrange(len(name))
    return name[:place] + rng.choice(["", name[place] * 2, "x"]) + name[place + 1 :]


def test_among_names_of_an_ordinary_file_all_are_compared():
    rng = random.Random(1)
    for _ in range(200):
        few = rng.sample(MANY, rng.randint(1, MOST_COMPARED))
        name = misspelt(rng.choice(MANY), rng)
        near = difflib.get_close_matches(name, few, n=1, cutoff=0.6)
        remedy = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(few)}"
        assert Register(few).unknown("fund", name) == (f"there is no fund '{name}'", remedy)


def test_among_many_names_the_one_that_was_misspelt_is_found():
    rng, names = random.Random(2), Register(MANY)
    found = 0
    for meant in rng.sample(MANY, 200):
        name = misspelt(meant, rng)
        found += name in names or meant in names.unknown("fund", name)[1]
    # where a digit is wrong, another fund is as near
    assert found > 150


def test_among_many_names_few_are_compared_and_few_are_listed(compared):
    message, remedy = Register(MANY).unknown("fund", "zzzz")
    assert message == "there is no fund 'zzzz'"
    assert remedy == f"there are {len(MANY)}, such as {', '.join(MANY[:LISTED])}"
    assert compared["zzzz"] <= 4 * NEIGHBOURS


def test_a_name_is_sought_once(compared):
    names = Register(["mother", "daughter"])
    assert [names.unknown("vehicle", "mothr") for _ in range(3)] == [names.unknown("vehicle", "mothr")] * 3
    assert compared == {"mothr": 2}


def test_comparisons_grow_with_bad_references_alone(compared):
    """400 funds each name one that is not there, and for none of them all 400 are compared."""
    n = 4 * MOST_COMPARED
    vehicles = [fund(f"fund {k}", mandate={"with_vehicles": [f"nobody {k}"]}) for k in range(n)]
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_dict(plain(vehicles))
    assert len(caught.value.problems) == n
    assert max(compared.values()) <= 3 * 4 * NEIGHBOURS  # the second look asks again
