"""Owns the count of visits of the funds pass: calls of a step on
one object, and how many of them did something.

A step does something where it draws a random number or changes what is remembered of the path: it marks,
pays, dates, takes up or lets go. Sums of marks in their order and what is only written down do not count.
Kernels run interpreted here, so that every call is seen.
"""

from __future__ import annotations

import argparse
import os
import sys
import types
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

LEAST = 2 / 3
"""The share of visits that should do something."""

STEPS = (
    *("start_vehicle", "end_recycling", "end_term", "end_extension", "end_investment", "check_landing"),
    *("collect_pool", "collect_one", "buy_one", "settle_vehicle", "owe_fees", "liquidate"),
    *("call_vehicle", "revalue_vehicle", "open_round", "end_enterprise", "sell_down", "sell_private"),
    *("follow_on_one", "due_deal"),
)
"""Steps that act on one vehicle, holding, enterprise or position; what they call belongs to their visit."""

DRAWS = ("uniform", "uniform_pair", "even_uniforms", "uniforms_at", "derive")
SCRATCH = ("found", "draws", "stack", "offer_row", "next_offer", "ring")
"""Of the state, what says nothing about the path."""


class Visits(NamedTuple):
    """How often a step was called on an object, and how often it did something."""

    step: str
    calls: int
    acted: int


def count_visits(file: Path, paths: int) -> list[Visits]:
    """
    Visits of the funds pass over the first paths of a scenario, by step.

    Parameters
    ----------
    file : Path
    paths : int

    Returns
    -------
    list of Visits

    Raises
    ------
    RuntimeError
        Where kernels are compiled, as calls between them are then not seen.
    """
    from numba import config

    if not config.DISABLE_JIT:
        raise RuntimeError("visits are counted with NUMBA_DISABLE_JIT=1")
    import fundsim as fs
    from fundsim.engine.passes import PASSES, run_passes
    from fundsim.kernels.funds.state import FundState
    from fundsim.plan import make_plan

    plan = make_plan(fs.load_scenario(file))
    earlier = tuple(PASSES[[step.name for step in PASSES].index("funds")].needs)
    given = vars(run_passes(plan, 0, paths, wanted=earlier))
    calls, acted, draws = Counter[str](), Counter[str](), [0]
    remembered = [
        k for k, name in enumerate(FundState._fields) if name not in SCRATCH and not name.startswith("match")
    ]

    def state_of(arguments: tuple[Any, ...]) -> bytes:
        """All that is remembered, or the records at hand of a step that is given no more."""
        for argument in arguments:
            if isinstance(argument, FundState):
                return b"".join(argument[k].tobytes() for k in remembered)
        return b"".join(argument.tobytes() for argument in arguments if hasattr(argument, "tobytes"))

    def watched(step: Callable[..., Any], name: str) -> Callable[..., Any]:
        def visit(*arguments: Any) -> Any:
            before, drawn = state_of(arguments), draws[0]
            answer = step(*arguments)
            calls[name] += 1
            acted[name] += draws[0] > drawn or state_of(arguments) != before
            return answer

        return visit

    def drawing(draw: Callable[..., Any]) -> Callable[..., Any]:
        def drawn(*arguments: Any) -> Any:
            draws[0] += 1
            return draw(*arguments)

        return drawn

    replaced = []
    for module in [m for name, m in sys.modules.items() if name.startswith("fundsim.kernels.")]:
        for name, member in list(vars(module).items()):
            if isinstance(member, types.FunctionType) and name in (*STEPS, *DRAWS):
                replaced.append((module, name, member))
                setattr(module, name, watched(member, name) if name in STEPS else drawing(member))
    try:
        run_passes(plan, 0, paths, given, wanted=("funds",))
    finally:
        for module, name, member in replaced:
            setattr(module, name, member)
    return [Visits(step, calls[step], acted[step]) for step in STEPS if calls[step]]


def share_acted(visits: list[Visits]) -> float:
    """Of all visits, the share of those that did something."""
    return sum(visit.acted for visit in visits) / sum(visit.calls for visit in visits)


def table(visits: list[Visits], paths: int) -> str:
    """The visits a path as text."""
    lines = [f"{'step':<18} {'visits a path':>14} {'did something':>14}"]
    whole = Visits("all", sum(visit.calls for visit in visits), sum(visit.acted for visit in visits))
    for step, calls, acted in [*visits, whole]:
        lines.append(f"{step:<18} {calls / paths:>14,.1f} {acted / calls:>14.0%}")
    return "\n".join(lines)


def main() -> int:
    """Count, print, and fail where too few visits did something."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_name("cluster.yaml"))
    parser.add_argument("--paths", type=int, default=2)
    given = parser.parse_args()
    if os.environ.get("NUMBA_DISABLE_JIT") != "1":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "NUMBA_DISABLE_JIT": "1"})
    visits = count_visits(given.file, given.paths)
    print(table(visits, given.paths))
    return 0 if share_acted(visits) >= LEAST else 1


if __name__ == "__main__":
    raise SystemExit(main())
