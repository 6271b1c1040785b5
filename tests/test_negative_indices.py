"""The interpreted run of kernels sees an index below zero, which neither Python nor compiled code refuses."""

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import ast
import numpy as np
from importlib.util import find_spec
from tests.negative_indices import Checked, Loader

assert isinstance(find_spec("fundsim.kernels.funds.exits").loader, Loader)
source = ast.fix_missing_locations(Checked().visit(ast.parse("a[i], a[:i], a[0, i], a[-1]", mode="eval")))
for i in (0, 1, -1):
    try:
        eval(compile(source, "", "eval"), {"a": np.zeros((2, 2)), "i": i})
        print("passed")
    except IndexError as error:
        print(error)
"""


def test_a_kernel_that_indexes_below_zero_is_told():
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["passed", "passed", "index -1 counts from the end"]
