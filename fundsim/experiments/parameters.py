"""Owns how fitted parameters move a scenario: paths with *, factors and shifts, and values that give way."""

from collections.abc import Sequence
from typing import Any

from fundsim.errors import ArgumentError
from fundsim.experiments.targets import LEAST_BALANCE, Parameter
from fundsim.files.faults import IDENTITY
from fundsim.files.overrides import parse_path
from fundsim.files.part import Steps
from fundsim.scenario import Scenario

EVERY = "*"
ALL = "all"
"""Balance in which all values of a block give way in proportion."""
PLACES = 6
"""Decimals of values that gave way in proportion."""
DIGITS = 4
"""Significant digits of a fitted parameter: no statistic tells more apart."""


class Knobs:
    """The parameters of a fit on a scenario.

    Parameters
    ----------
    scenario : Scenario
        What they start from.
    parameters : sequence of Parameter

    Raises
    ------
    ArgumentError
        If a path leads nowhere, or to what is no number.
    """

    def __init__(self, scenario: Scenario, parameters: Sequence[Parameter]) -> None:
        content = scenario.to_dict()
        self.parameters = tuple(parameters)
        self._moved = [
            [steps for path in parameter.all_paths for steps in expanded(content, path)]
            for parameter in parameters
        ]
        self._balanced = self._balances()
        steps = [steps for moved in self._moved for steps in moved]
        steps += [place for block, key in self._balanced.items() for place in _beside(content, block, key)]
        self._base = {place: _number(content, place) for place in steps}
        self._refuse_twice()

    def _balances(self) -> dict[Steps, str]:
        """What gives way in each block that keeps its sum."""
        found: dict[Steps, str] = {}
        for parameter, moved in zip(self.parameters, self._moved, strict=True):
            for steps in moved if parameter.balance is not None else []:
                key = found.setdefault(steps[:-1], str(parameter.balance))
                if key != parameter.balance:
                    raise ArgumentError(
                        f"of '{shown(steps[:-1])}' both {key} and {parameter.balance} are to give way; "
                        "choose one"
                    )
        return found

    def _refuse_twice(self) -> None:
        setting = [
            steps
            for parameter, moved in zip(self.parameters, self._moved, strict=True)
            if parameter.moves == "value"
            for steps in moved
        ]
        twice = [steps for steps in setting if setting.count(steps) > 1]
        if twice:
            raise ArgumentError(
                f"'{shown(twice[0])}' is set by two parameters; let one be a factor or a shift"
            )

    def starts(self) -> list[float]:
        """Where the search starts, within the bounds."""
        found = []
        for parameter, moved in zip(self.parameters, self._moved, strict=True):
            neutral = {"value": self._base[moved[0]], "factor": 1.0, "shift": 0.0}[parameter.moves]
            value = neutral if parameter.start is None else parameter.start
            found.append(min(max(value, parameter.low), parameter.high))
        return found

    def changes(self, values: Sequence[float]) -> dict[str, float]:
        """What the scenario's values become, by path.

        Raises
        ------
        ArgumentError
            If nothing is left of a value that gives way.
        """
        moved_to = dict(self._base)
        for i in sorted(range(len(values)), key=lambda i: self.parameters[i].moves != "value"):
            for steps in self._moved[i]:
                before = moved_to[steps]
                after = {"value": values[i], "factor": before * values[i], "shift": before + values[i]}
                moved_to[steps] = after[self.parameters[i].moves]
        for block, key in self._balanced.items():
            self._balance(moved_to, block, key)
        return {shown(steps): value for steps, value in moved_to.items()}

    def _balance(self, moved_to: dict[Steps, float], block: Steps, key: str) -> None:
        """Bring the sum of a block back to what it was: one value gives way, or all of them in proportion."""
        inside = [steps for steps in moved_to if steps[:-1] == block]
        whole = sum(self._base[steps] for steps in inside)
        if key == ALL:
            total = sum(max(moved_to[steps], 0.0) for steps in inside)
            for steps in inside:
                moved_to[steps] = round(max(moved_to[steps], 0.0) / total * whole, PLACES)
            last = max(inside, key=lambda steps: moved_to[steps])
        else:
            last = (*block, key)
        rest = round(whole - sum(moved_to[steps] for steps in inside if steps != last), 12)
        if rest < -LEAST_BALANCE:
            raise ArgumentError(f"nothing is left for '{shown(last)}': it would be {rest:.4g}")
        moved_to[last] = max(rest, 0.0)


def rounded(value: float) -> float:
    """A fitted value as it is written."""
    return float(f"{value:.{DIGITS}g}")


def expanded(content: Any, path: str) -> list[Steps]:
    """The paths that a path with * stands for, those that exist; items by their names.

    Raises
    ------
    ArgumentError
        If there is none, or the text is no path.
    """
    try:
        wanted = parse_path(path)
    except ValueError as failure:
        raise ArgumentError(str(failure)) from None
    found: list[tuple[Steps, Any]] = [((), content)]
    for step in wanted:
        found = [
            ((*steps, label), child)
            for steps, node in found
            for label, child in _children(node)
            if step == EVERY or step == label
        ]
    if not found:
        raise ArgumentError(f"there is nothing at '{path}'")
    return [steps for steps, _ in found]


def _children(node: Any) -> list[tuple[str | int, Any]]:
    if isinstance(node, dict):
        return list(node.items())
    if not isinstance(node, list):
        return []
    return [(_name(item, place), item) for place, item in enumerate(node)]


def _name(item: Any, place: int) -> str | int:
    names = [item[key] for key in IDENTITY if item.get(key)] if isinstance(item, dict) else []
    return names[0] if names else place


def _below(content: Any, steps: Steps) -> Any:
    """What stands at the end of a path, None where nothing does."""
    node = content
    for step in steps:
        node = next((child for label, child in _children(node) if label == step), None)
    return node


def _number(content: Any, steps: Steps) -> float:
    node = _below(content, steps)
    if isinstance(node, bool) or not isinstance(node, int | float):
        raise ArgumentError(f"'{shown(steps)}' is not a number")
    return float(node)


def _beside(content: Any, block: Steps, key: str) -> list[Steps]:
    """The value of a block that gives way; all its numbers if all do."""
    if key != ALL:
        return [(*block, key)]
    children = _children(_below(content, block))
    return [(*block, label) for label, child in children if isinstance(child, int | float)]


def shown(steps: Steps) -> str:
    """Steps as a path of --set, names quoted."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            quoted = step if step.replace("_", "").isalnum() else f'"{step}"'
            text += f".{quoted}" if text else quoted
    return text


def nested(changes: dict[str, float], content: Any) -> dict[str, Any]:
    """Changed values as blocks of a scenario file, items of lists by name.

    Raises
    ------
    ArgumentError
        If a changed value stands in a list without names, which a file can only replace as a whole.
    """
    tree: dict[str, Any] = {}
    for path, value in changes.items():
        steps = parse_path(path)
        node: Any = tree
        for n, step in enumerate(steps[:-1], start=1):
            node = _entered(node, step, _below(content, steps[:n]), path)
        node[steps[-1]] = value
    return tree


def _entered(node: Any, step: str | int, source: Any, path: str) -> Any:
    """The block or list below a step, made if it is not there yet."""
    if isinstance(node, dict):
        return node.setdefault(step, [] if isinstance(source, list) else {})
    if not isinstance(step, str):
        raise ArgumentError(f"'{path}' stands in a list without names, which an overlay cannot change")
    key = next(key for key in IDENTITY if source.get(key) == step)
    known = [item for item in node if item.get(key) == step]
    if not known:
        known = [{key: step}]
        node += known
    return known[0]
