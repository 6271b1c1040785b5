"""What no package code reads is dead: functions, classes, constants, methods, properties and fields.

Names are compared, not objects, so what shares its name with something alive is not found.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.test_examples import public

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fundsim"
MODULES = sorted(PACKAGE.rglob("*.py"))
# Measurements and generators of pages are users of the package; tests are not.
OTHERS = [*sorted((ROOT / "benchmarks").rglob("*.py")), *sorted((ROOT / "docs").glob("*.py"))]
TEMPLATES = sorted(PACKAGE.rglob("*.html"))
# Whoever carries one of these decorators is called by name of a file, a command line, a validation or Python.
CALLED = re.compile(
    r"click|command|group|option|argument|validator|serializer|overload|abstractmethod|register|^table"
)
# A class below one of these is written in files by its fields, or read by what its base does.
STATED = {"Part", "BaseModel", "Word"}

# Their methods are called by numba.
OF_NUMBA = {"KernelCache", "_Codegen", "_Library", "_InnerLibrary", "InnerCompiler"}

TESTED = "a pass by itself, from terms made by hand, which twins and laws need"
ALIVE = {
    "fundsim/cli/__init__.py: _Precision.convert": "click calls it",
    "fundsim/cli/__init__.py: _Variant.convert": "click calls it",
    "fundsim/kernels/enterprises/walk.py: enterprises_of": TESTED,
    "fundsim/scenario/provenance.py: evidence_of": "a public name of fundsim.scenario",
    "fundsim/files/writing.py: _Dumper.ignore_aliases": "the YAML library calls it",
}
"""Names that only look dead, and why."""


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def docstrings(tree: ast.AST) -> set[ast.AST]:
    """Text that stands alone: docstrings of whatever it follows."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def is_listing(node: ast.AST) -> bool:
    """Whether a statement only lists names: ``__all__``."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def reads(tree: ast.AST) -> Iterator[str]:
    """Every name that a piece of code reads, by itself, behind a dot, or as text."""
    silent = docstrings(tree)
    for node in ast.walk(tree):
        if is_listing(node):
            silent |= set(ast.walk(node))
    for node in ast.walk(tree):
        if node in silent:
            continue
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Constant):
            yield from str(node.value.value).split()  # "a b c".split()
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.Constant) and re.fullmatch(r"[\w.]+", str(node.value)):
            yield from str(node.value).split(".")


def bases(node: ast.ClassDef) -> set[str]:
    return {name for base in node.bases for name in re.findall(r"\w+", ast.unparse(base))}


def definitions(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Name behind the module, and node, of all that a module defines for others."""
    for node in tree_of(path).body:
        yield from defined(node, "")
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                yield from defined(inner, f"{node.name}.")


def defined(node: ast.AST, owner: str) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        if not any(CALLED.search(ast.unparse(mark)) for mark in node.decorator_list):
            yield owner + node.name, node
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    yield owner + name.id, node


def is_field(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign)


def stated() -> set[str]:
    """Classes whose fields users write, with all below them."""
    below = {
        node.name: bases(node)
        for path in MODULES
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef)
    }
    found = set(STATED)
    while more := {name for name, above in below.items() if above & found} - found:
        found |= more
    return found


def test_what_is_defined_is_read_by_the_package():
    counts = Counter(name for path in [*MODULES, *OTHERS] for name in reads(tree_of(path)))
    for path in TEMPLATES:
        counts.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    # fields of classes that files state or the Python page documents are for users
    documented = {name.rpartition(".")[2] for name, _ in public()}
    of_users, dead = stated() | documented, []
    for path in MODULES:
        for name, node in definitions(path):
            owner, _, last = name.rpartition(".")
            is_protocol = last.startswith(("__", "_repr_")) or owner in OF_NUMBA
            if is_protocol or last in documented or (is_field(node) and owner in of_users):
                continue
            own = Counter(reads(node))[last] if isinstance(node, ast.FunctionDef | ast.ClassDef) else 0
            if counts[last] <= own:
                dead.append(f"{path.relative_to(ROOT).as_posix()}: {name}")
    assert [name for name in dead if name not in ALIVE] == [], "nothing but tests reads these"
    assert [name for name in ALIVE if name not in dead] == [], "these are read now, or gone"
