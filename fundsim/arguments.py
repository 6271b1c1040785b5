"""Owns the checks of arguments of public functions: what was seen, where, and the range wanted."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fundsim.errors import ArgumentError

FloatArray = NDArray[np.float64]


def place(name: str, index: Sequence[int]) -> str:
    """An entry as a user would write it: ``contributions[2, 5]``."""
    return f"{name}[{', '.join(str(i) for i in index)}]" if len(index) else name


def finite_array(name: str, values: Any, *, at_least_1d: bool = True) -> FloatArray:
    """
    A float64 array without NaN and infinities; not a copy where none is needed.

    Raises
    ------
    ArgumentError
        If the values are no numbers, one of them is not finite (the first is named), or there is no entry.
    """
    try:
        raw = np.asarray(values)
        if raw.dtype.kind not in "biufO" or (
            np.ma.isMaskedArray(values) and np.any(np.ma.getmaskarray(values))
        ):
            raise TypeError
        # Writable and contiguous always: a kernel compiles once more for arrays that are not.
        array = np.require(raw, np.float64, ["C", "W"])
    except (TypeError, ValueError, OverflowError):
        message = f"{name} are not an array of real numbers (rows of one length, nothing masked)"
        raise ArgumentError(message) from None
    if at_least_1d and (array.ndim == 0 or array.shape[-1] == 0):
        raise ArgumentError(f"{name} have shape {array.shape}; give at least one period on the last axis")
    # A finite sum proves finite entries in one pass; the entries are looked at only when it is not.
    with np.errstate(over="ignore", invalid="ignore"):
        is_finite = math.isfinite(float(array.sum()))
    if not is_finite:
        _refuse(name, array, ~np.isfinite(array), "must be finite")
    return array


def non_negative_array(name: str, values: Any, *, at_least_1d: bool = True) -> FloatArray:
    """A finite array without negative entries; the sign of money is in its name."""
    array = finite_array(name, values, at_least_1d=at_least_1d)
    _refuse(name, array, array < 0.0, "must be zero or positive")
    return array


def positive_array(name: str, values: Any) -> FloatArray:
    """A finite array of positive entries."""
    array = finite_array(name, values)
    _refuse(name, array, array <= 0.0, "must be positive")
    return array


def bounded_array(name: str, values: Any, low: float, high: float) -> FloatArray:
    """A finite array, or one number, within a closed range."""
    array = finite_array(name, values, at_least_1d=False)
    _refuse(name, array, (array < low) | (array > high), f"must lie between {low:g} and {high:g}")
    return array


def _refuse(name: str, array: FloatArray, is_bad: NDArray[np.bool_], rule: str) -> None:
    if is_bad.any():
        index = [int(i) for i in np.unravel_index(int(np.argmax(is_bad)), array.shape)] if array.ndim else []
        raise ArgumentError(f"{place(name, index)} is {float(array[tuple(index)]):g}; it {rule}")


def number(
    name: str,
    value: Any,
    low: float,
    high: float = math.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """
    A finite number in a range whose ends may be excluded.

    Raises
    ------
    ArgumentError
        With the number seen and the range wanted.
    """
    wanted = f"{'above' if open_low else 'at least'} {low:g}"
    if high < math.inf:
        wanted += f" and {'below' if open_high else 'at most'} {high:g}"
    if isinstance(value, (bool, np.bool_, str)) or np.ndim(value) != 0:
        raise ArgumentError(f"{name} is {value!r}; give a number {wanted}")
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"{name} is {value!r}; give a number {wanted}") from None
    too_low = result <= low if open_low else result < low
    too_high = result >= high if open_high else result > high
    if not math.isfinite(result) or too_low or too_high:
        raise ArgumentError(f"{name} is {result:g}; give a number {wanted}")
    return result


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """A whole number in a closed range; floats that are whole count."""
    result = number(name, value, low, high)
    if result != int(result):
        raise ArgumentError(f"{name} is {result:g}; give a whole number from {low} to {high}")
    return int(result)


def choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """One of a few words."""
    if not isinstance(value, str) or value not in choices:
        raise ArgumentError(f"{name} is {value!r}; give one of {', '.join(choices)}")
    return value


def same_shape(**arrays: NDArray[Any]) -> None:
    """
    Refuse arrays of different shapes, naming all of them.

    Raises
    ------
    ArgumentError
        If the shapes differ.
    """
    if len({array.shape for array in arrays.values()}) > 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ArgumentError(f"shapes differ: {shapes}")


def broadcast(shape: tuple[int, ...], name: str, array: FloatArray) -> FloatArray:
    """
    An array stretched to a shape, contiguous.

    Raises
    ------
    ArgumentError
        If its shape does not fit.
    """
    try:
        return np.require(np.broadcast_to(array, shape), np.float64, ["C", "W"]).reshape(shape)
    except ValueError:
        raise ArgumentError(f"{name} has shape {array.shape}; it does not fit shape {shape}") from None
