"""The events of whole runs: every kind happens somewhere, and carries what its member says."""

from itertools import product
from pathlib import Path

from fundsim import load_scenario, simulate
from fundsim.vocabulary import EventField, EventKind

ROOT = Path(__file__).parents[2]
# Projects and enterprises; every kind happens on one of the first paths, an enforcement on one in fourteen
SHIPPED = ("suzhou_industrial_park", "qinchuangyuan", "validation/worked_short_closing")
N_PATHS = 40


def traces():
    """The events of paths of shipped scenarios, one path after the other."""
    runs = {name: simulate(load_scenario(ROOT / f"scenarios/{name}.yaml"), paths=N_PATHS) for name in SHIPPED}
    for path, (name, run) in product(range(N_PATHS), runs.items()):
        if path < run.n_paths:
            yield f"path {path} of {name}", run.trace(path).events


def is_filled(field, column):
    return column.notna() & (column != "") if field.role == "name" else column.notna()


def test_every_kind_happens_and_carries_its_fields_and_no_others():
    missing = set(product(EventKind, [None]))
    missing |= {(kind, value) for kind in EventKind if kind.flag for value in (False, True)}
    for where, events in traces():
        for word, rows in events.groupby("kind"):
            kind = EventKind[word.upper()]
            for field in EventField:
                filled = is_filled(field, rows[field.word])
                assert (filled if field in kind.fields else ~filled).all(), (where, word, field.word)
            missing -= {(kind, None)}
            if kind.flag:
                missing -= {(kind, bool(value)) for value in rows[kind.flag.word]}
        if not missing:
            return
    assert missing == set()
