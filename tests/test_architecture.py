"""The house rules that a machine can check: floors, imports,
sizes, lazy loading, and words that do not belong.
"""

import ast
import configparser
import re
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import pytest

import fundsim
from fundsim.kernels.base.cache import BELOW_KERNELS
from fundsim.kernels.funds.landing import Landing
from fundsim.kernels.funds.records import Factors, FundRecords, FundWorld
from fundsim.kernels.funds.state import FundState
from fundsim.kernels.layout import ClosingBlock, FundBlock

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "fundsim"
MODULES = sorted(PACKAGE.rglob("*.py"))
# About 400 and 40 are the rule; only lines of code count here, so nobody saves on docstrings to pass.
MAX_MODULE_LINES = 420
MAX_BODY_LINES = 45
MOST_ARRAYS = 100  # of 600 words that a call copies, six an array
MAX_ARGUMENTS = 8
MORE_ARGUMENTS = {
    # plain arrays and rates of the public functions, which have no plan to take records from
    "formulas.waterfall.deal_rows": 11,
    "formulas.waterfall.deal_by_deal": 10,
    # eight coefficients
    "base.random._polynomial": 9,
}


def loaded_after(statement: str) -> set[str]:
    """Top-level names in sys.modules of a fresh interpreter after a statement."""
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_imports_go_down_only():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import fundsim", {"numpy", "numba", "pandas", "matplotlib", "pydantic", "click", "yaml"}),
        ("import fundsim.scenario", {"numba", "pandas", "matplotlib", "scipy"}),
        ("import fundsim.files.reading", {"numba", "pandas", "matplotlib", "scipy", "numpy"}),
        ("import fundsim.cli", {"numba", "pandas", "matplotlib", "scipy", "pyarrow", "jinja2"}),
    ],
)
def test_light_imports_stay_light(statement, heavy):
    assert loaded_after(statement) & heavy == set()


def imported_by(module: Path) -> set[str]:
    """Names of the modules that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("room", ["files", "scenario"])
def test_no_import_of_the_house_hides_in_a_function(room):
    """A knot of modules that import each other later than at their top is seen by no contract."""
    hidden = [
        f"{module.name}:{inner.lineno}"
        for module in sorted((PACKAGE / room).rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.If)
        for inner in ast.walk(node)
        if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith("fundsim")
    ]
    assert hidden == []


def test_the_vocabulary_imports_nothing_but_enum():
    assert imported_by(PACKAGE / "vocabulary.py") <= {"enum", "__future__"}


def test_the_contract_of_kernels_names_all_of_the_rest():
    """What kernels may import lies in their folder or in the key of their cache."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    forbidden = set(config["importlinter:contract:below_kernels"]["forbidden_modules"].split())
    below = {name.removesuffix(".py") for name in BELOW_KERNELS}
    rest = {module.relative_to(PACKAGE).parts[0].removesuffix(".py") for module in MODULES}
    assert forbidden == {f"fundsim.{name}" for name in rest - below - {"kernels", "__init__", "__main__"}}


def test_every_public_name_resolves():
    for name in fundsim.__all__:
        assert getattr(fundsim, name) is not None
        assert name in dir(fundsim)


def test_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'simulat'"):
        fundsim.simulat  # noqa: B018


@pytest.mark.parametrize(
    "first", ["import fundsim.simulate", "from fundsim.simulate import simulate", "pass"]
)
def test_simulate_is_the_function_whatever_was_imported_first(first):
    code = (
        f"{first}\nimport fundsim\nassert callable(fundsim.simulate), "
        f"fundsim.simulate\nfundsim.simulate.__code__"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def code_lines(text: str, node: ast.AST) -> set[int]:
    """Numbers of the lines within a node that hold code: no blank line, comment or docstring."""
    lines = text.splitlines()
    first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", len(lines))
    found = {
        n
        for n in range(first, last + 1)
        if lines[n - 1].strip() and not lines[n - 1].lstrip().startswith("#")
    }
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.Expr)
            and isinstance(inner.value, ast.Constant)
            and isinstance(inner.value.value, str)
        ):
            found -= set(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_module_opens_with_its_ownership_and_stays_readable(module):
    text = module.read_text(encoding="utf-8")
    tree = ast.parse(text)
    if tree.body:
        assert ast.get_docstring(tree), "a module opens with one sentence that says what it owns"
    assert len(code_lines(text, tree)) <= MAX_MODULE_LINES
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = set().union(*(code_lines(text, statement) for statement in node.body))
            assert len(body) <= MAX_BODY_LINES, f"{node.name} has {len(body)} lines"


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils", "util", "shared", "common", "helpers", "misc"}
    assert [path for path in MODULES if path.stem in drawers] == []


def is_kernel(function: ast.FunctionDef) -> bool:
    """Whether a function carries the house's decorator, bare or called."""
    marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in function.decorator_list]
    return any(isinstance(mark, ast.Name) and mark.id == "kernel" for mark in marks)


def test_kernels_have_one_decorator_and_none_of_what_breaks_them():
    banned = {"njit", "jit", "prange", "jitclass", "objmode", "vectorize", "guvectorize"}
    n_kernels = 0
    for module in sorted((PACKAGE / "kernels").rglob("*.py")):
        if module.stem == "jit":
            continue
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numba"):
                assert {alias.name for alias in node.names} & banned == set(), module.name
            if isinstance(node, ast.keyword):
                assert node.arg not in {"fastmath", "parallel"}, module.name
            if isinstance(node, ast.FunctionDef) and is_kernel(node):
                n_kernels += 1
                raising = [inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Raise)]
                assert raising == [], f"{module.name}: kernels never raise on data"
    assert n_kernels > 0


def test_kernels_take_eight_arguments_and_those_that_take_more_take_no_further_one():
    """What travels together is bundled: an argument of a kernel is compiled and passed at every call."""
    found = {}
    for module in sorted((PACKAGE / "kernels").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and is_kernel(node) and len(node.args.args) > MAX_ARGUMENTS:
                found[f"{module.parent.name}.{module.stem}.{node.name}"] = len(node.args.args)
    assert {name: n for name, n in found.items() if n > MORE_ARGUMENTS.get(name, MAX_ARGUMENTS)} == {}
    assert {name for name in MORE_ARGUMENTS if found.get(name) != MORE_ARGUMENTS[name]} == set(), "fewer now"


def inner_kernels() -> set[str]:
    """Kernels without an entry from Python, by names that no other kernel has."""
    inner, others = set(), set()
    for module in sorted((PACKAGE / "kernels").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and is_kernel(node):
                options = [k for mark in node.decorator_list for k in getattr(mark, "keywords", ())]
                is_inner = any(option.arg in ("is_inner", "is_inlined") for option in options)
                (inner if is_inner else others).add(node.name)
    return inner - others


def called_from_python(tree: ast.AST) -> set[str]:
    """What of the kernels' modules a file calls outside of kernels of its own."""
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fundsim.kernels"):
            imported |= {alias.asname or alias.name for alias in node.names}
    waiting, called = [tree], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef) and is_kernel(node):
            continue
        waiting.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call):
            of = node.func
            if isinstance(of, ast.Name) and of.id in imported:
                called.add(of.id)
            elif isinstance(of, ast.Attribute) and getattr(of.value, "id", None) in imported:
                called.add(of.attr)
    return called


def test_no_step_without_an_entry_is_called_from_python():
    """It has no machine code of its own: the call would end the process."""
    inner, found = inner_kernels(), {}
    assert len(inner) > 100
    for folder in ("fundsim", "tests", "benchmarks"):
        for file in (ROOT / folder).rglob("*.py"):
            if PACKAGE / "kernels" not in file.parents:
                wrong = called_from_python(ast.parse(file.read_text(encoding="utf-8"))) & inner
                if wrong:
                    found[str(file.relative_to(ROOT))] = wrong
    assert found == {}


def arrays_of(bundle: type) -> int:
    """Arrays of a bundle and of the bundles in it."""
    kinds = typing.get_type_hints(bundle).values()
    return sum(kind is np.ndarray for kind in kinds) + sum(
        arrays_of(kind) for kind in kinds if hasattr(kind, "_fields")
    )


def test_steps_of_the_funds_pass_are_handed_a_bounded_number_of_arrays():
    """A call hands every array of every bundle over; what only some vehicles have goes where it acts."""
    bundles = {"terms": FundRecords, "world": FundWorld, "state": FundState, "out": FundBlock}
    bundles |= {"market": Factors, "closing": ClosingBlock, "landing": Landing}
    found = {}
    for module in sorted((PACKAGE / "kernels" / "funds").glob("*.py")):
        if module.stem in ("returns", "leverage", "audit"):  # passes of their own
            continue
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and is_kernel(node) and node.name != "run_paths":
                names = [argument.arg for argument in node.args.args]
                found[node.name] = sum(arrays_of(bundles[name]) for name in names if name in bundles)
    assert len(found) > 50 and max(found.values()) <= MOST_ARRAYS, max(found, key=found.get)


def test_drawdown_is_no_identifier():
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            name = getattr(node, "id", None) or getattr(node, "arg", None) or getattr(node, "attr", None)
            assert not (isinstance(name, str) and "drawdown" in name), f"{module.name}:{node.lineno}"


def test_no_file_names_a_path_of_one_machine():
    pattern = re.compile(r"(?<![\w.~])/(?:root|home|work|Users)/\w")
    folders = ("fundsim", "tests", "docs", "scenarios", "benchmarks")
    suffixes = {".py", ".md", ".yaml", ".cfg", ".toml", ".txt", ".html", ".j2"}
    files = [path for name in folders for path in (ROOT / name).rglob("*") if path.suffix in suffixes]
    files += [
        ROOT / name for name in ("README.md", "setup.cfg", "pyproject.toml", "constraints.txt", ".ci/run")
    ]
    sources = [path for path in files if "_build" not in path.parts]
    assert [str(path) for path in sources if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_version_is_named_once():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    assert config["metadata"]["version"] == "attr: fundsim.__version__"
    assert f"## {fundsim.__version__}" in (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")


def test_pins_are_plain():
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*==[0-9][\w.]*( ; .+)?", line), line


def test_every_direct_dependency_is_pinned():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    blocks = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    wanted = {
        re.split(r"[>=\[]", line)[0].lower().replace("_", "-") for block in blocks for line in block.split()
    }
    pinned = {
        line.split("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    assert wanted - pinned == set()
