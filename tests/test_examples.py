"""Every example of a docstring gives what it says, and what the Python page documents has an example."""

import ast
import datetime
import doctest
import inspect
import re
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

import fundsim as fs
import fundsim.experiments
from fundsim.store import Identity, RunFolder, summary_of, write_tables, write_text

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fundsim"
PAGE = ROOT / "docs" / "reference" / "python.md"
DIRECTIVE = re.compile(r"^\.\. auto(\w+):: (\S+)\n((?:   :.*\n)*)", re.MULTILINE)

TARGETS = """
parameters:
  - {name: mergers, path: sectors.hardtech.merger.premium.median, low: 0.5, high: 8, scale: log}
targets:
  - {statistic: multiple_on_cost, channels: [merger], probability: 50%, value: 3, tolerance: 0.2,
     grade: assumed, source: example}
"""


# What the page says of the examples: these names are there, and made only for an example that uses them.


@cache
def scenario():
    return fs.load_scenario("fundsim:base")


@cache
def results():
    return fs.simulate(scenario(), paths=40, progress=False)


@cache
def comparison():
    dearer = scenario().override({"vehicles.mother.terms.fee_rate": "1%"})
    return fs.compare({"base": scenario(), "dearer": dearer}, paths=40, progress=False)


@cache
def folder():
    """A folder with a stored run, and a file of targets."""
    path = Path(tempfile.mkdtemp())
    run = RunFolder(path / "run")
    run.begin(Identity.of(scenario(), fs.__version__, "kernels"))
    write_text(run.path / "scenario.yaml", scenario().to_yaml())
    write_tables(run.path, results())
    run.finish(summary_of(results()))
    (path / "targets.yaml").write_text(TARGETS, encoding="utf-8")
    return path


def names_for(source):
    """The namespace of an example."""
    made = [
        one for one in (scenario, results, comparison, folder) if re.search(rf"\b{one.__name__}\b", source)
    ]
    return {"fs": fs, "np": np, "datetime": datetime} | {one.__name__: one() for one in made}


# Examples of all docstrings


def modules():
    """Every module of the package with an example."""
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]


def examples_of(module):
    """The doctest of every docstring, as it stands in the file, whatever decorators make of the function."""
    home = import_module(module)
    for node in ast.walk(ast.parse(inspect.getsource(home))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            said = ast.get_docstring(node) or ""
            if ">>> " in said:
                names = vars(home) | names_for(said)
                name = getattr(node, "name", module)
                yield doctest.DocTestParser().get_doctest(said, names, name, home.__file__, 0)


@pytest.mark.parametrize("module", modules())
def test_examples_give_what_they_say(module):
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for example in examples_of(module):
        said = []
        runner.run(example, out=said.append)
        plt.close("all")
        assert not said, "".join(said)


# What is public


def members_of(name, owner, options):
    """Names and objects that a directive documents with their owner."""
    listed = {
        option: [one.strip() for one in names.split(",") if one.strip()]
        for option, names in re.findall(r":([\w-]+):(.*)", options)
    }
    if "members" not in listed or "no-members" in listed:
        return
    named = listed["members"] or getattr(owner, "__all__", [one for one in dir(owner) if one[0] != "_"])
    for one in named:
        if one not in listed.get("exclude-members", ()):
            yield f"{name}.{one}", inspect.getattr_static(owner, one)


def public():
    """All that the Python page documents, by name."""
    for kind, name, options in DIRECTIVE.findall(PAGE.read_text(encoding="utf-8")):
        home, _, last = name.rpartition(".")
        thing = import_module(name) if kind == "module" else getattr(import_module(home), last)
        if kind != "module":
            yield name, thing
        yield from members_of(name, thing, options)


def test_every_public_object_has_an_example():
    things = dict(public())
    exported = {f"fundsim.{name}" for name in fs.__all__}
    known = {name.rpartition(".")[2] for name in things} | {name.split(".")[1] for name in things}
    assert {name for name in exported if name.rpartition(".")[2] not in known} == set()
    missing = [
        name
        for name, thing in things.items()
        if (inspect.isclass(thing) or hasattr(thing, "__get__")) and ">>> " not in (thing.__doc__ or "")
    ]
    assert missing == []
