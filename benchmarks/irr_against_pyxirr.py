"""Owns the speed comparison of our IRR kernel with pyxirr on
batches of quarterly fund streams, in one process.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyxirr
from numpy.typing import NDArray

from fundsim import measures

_AGREEMENT = 1e-9
_STREAMS = 20_000
_PAIRS = 7


def one_change(rng: np.random.Generator, n: int, periods: int) -> NDArray[np.float64]:
    """Calls, then distributions: one change of sign."""
    n_calls = periods * 2 // 5
    calls = -rng.random((n, n_calls))
    returns = rng.random((n, periods - n_calls)) * rng.uniform(0.4, 2.5, size=(n, 1))
    return np.concatenate([calls, returns], axis=1)


def overlapping(rng: np.random.Generator, n: int, periods: int) -> NDArray[np.float64]:
    """Calls that fade out while distributions come in: about ten changes of sign, yet one root."""
    fade = np.linspace(0.0, 1.0, periods)
    return rng.random((n, periods)) * 2.0 * fade - rng.random((n, periods)) * (1.0 - fade)


def run(streams: int = _STREAMS, periods: int = 40, pairs: int = _PAIRS) -> list[dict[str, Any]]:
    """
    Time both solvers on the same streams, in alternating pairs; processor time, so that other programs do
    not count.

    Parameters
    ----------
    streams, periods : int
        Size of a batch; periods are quarters.
    pairs : int
        Alternations; medians are reported.

    Returns
    -------
    list of dict
        For each kind of stream: microseconds a stream of both, their ratio, how many streams pyxirr
        answered, and the largest difference where it did.

    Raises
    ------
    AssertionError
        If a rate that pyxirr finds differs from ours by more than 1e-9 and is not one of several roots, or
        ours is no root.
    """
    rng = np.random.default_rng(20260701)
    rows = []
    for kind in (one_change, overlapping):
        flows = kind(rng, streams, periods)
        rates = measures.irr(flows)
        theirs = _pyxirr(flows)
        worst, answered = _difference(flows, rates, theirs)
        ours_seconds, their_seconds = [], []
        for _ in range(pairs):
            ours_seconds.append(_seconds(measures.irr, flows))
            their_seconds.append(_seconds(_pyxirr, flows))
        ours, other = statistics.median(ours_seconds), statistics.median(their_seconds)
        rows.append(
            {
                "streams": kind.__name__,
                "periods": periods,
                "fundsim_microseconds": ours / streams * 1e6,
                "pyxirr_microseconds": other / streams * 1e6,
                "ratio": other / ours,
                "answered_by_pyxirr": answered,
                "of": streams,
                "largest_difference": worst,
            }
        )
    return rows


def _pyxirr(flows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([pyxirr.irr(row) for row in flows], dtype=float)


def _seconds(function: Callable[[NDArray[np.float64]], Any], flows: NDArray[np.float64]) -> float:
    start = time.process_time()
    function(flows)
    return time.process_time() - start


def _difference(
    flows: NDArray[np.float64], ours: NDArray[np.float64], theirs: NDArray[np.float64]
) -> tuple[float, int]:
    """Largest difference on streams with one root, and how many
    streams pyxirr answered; asserts agreement.
    """
    assert np.isfinite(ours).all()
    is_answered = np.isfinite(theirs)
    is_single = measures.irr_status(flows) == measures.IrrStatus.ONE_ROOT
    worst = float(np.max(np.abs(ours - theirs)[is_answered & is_single]))
    assert worst <= _AGREEMENT, worst
    for row, rate in zip(flows[~is_single], ours[~is_single], strict=True):
        assert np.abs(measures.irr_roots(row) - rate).min() <= _AGREEMENT
    return worst, int(is_answered.sum())


def main() -> None:
    """Print the rows."""
    for row in run():
        print(
            "  ".join(
                f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
                for name, value in row.items()
            )
        )


if __name__ == "__main__":
    main()
