"""A pytest plugin for interpreted kernels: an index below zero, which wraps silently, is an error.

``NUMBA_DISABLE_JIT=1 python -m pytest -n0 -p tests.negative_indices tests/kernels``
"""

import ast
import builtins
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader

import numpy as np

KERNELS = "fundsim.kernels."


def not_negative(index):
    """The index, if it does not count from the end."""
    if isinstance(index, int | np.integer) and index < 0:
        raise IndexError(f"index {index} counts from the end")
    return index


class Checked(ast.NodeTransformer):
    """Every index and bound of a slice goes through `not_negative`; what is written as a number is meant."""

    def visit_Subscript(self, node):
        self.generic_visit(node)
        node.slice = self.checked(node.slice)
        return node

    def checked(self, index):
        if isinstance(index, ast.Tuple):
            index.elts = [self.checked(one) for one in index.elts]
        elif isinstance(index, ast.Slice):
            index.lower, index.upper = (one and self.checked(one) for one in (index.lower, index.upper))
        elif not isinstance(index, ast.Starred | ast.Constant) and not is_number(index):
            return ast.Call(ast.Name("not_negative", ast.Load()), [index], [])
        return index


def is_number(node):
    return isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)


class Loader(SourceFileLoader):
    def get_code(self, fullname):
        tree = Checked().visit(ast.parse(self.get_data(self.path)))
        return compile(ast.fix_missing_locations(tree), self.path, "exec")


class Finder(MetaPathFinder):
    def find_spec(self, fullname, path, target=None):
        spec = PathFinder.find_spec(fullname, path) if fullname.startswith(KERNELS) else None
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


builtins.not_negative = not_negative
sys.meta_path.insert(0, Finder())
