"""Owns the measurement of the cost of one random draw, in nanoseconds."""

import time

import numpy as np

from fundsim.kernels.base import quantiles, random
from fundsim.kernels.base.jit import kernel

DRAWS = 1_000_000


@kernel
def _draw_singles(key, out):
    for n in range(out.size):
        out[n] = random.uniform(key, n)


@kernel
def _draw_pairs(key, out):
    for pair in range(out.size // 2):
        out[2 * pair], out[2 * pair + 1] = random.uniform_pair(key, pair)


@kernel
def _derive_keys(key, out):
    for word in range(out.size):
        out[word] = random.uniform(random.derive(key, word), 0)


@kernel
def _draw_normals(key, out):
    for pair in range(out.size // 2):
        first, second = random.uniform_pair(key, pair)
        out[2 * pair], out[2 * pair + 1] = random.normal(first), random.normal(second)


@kernel
def _invert_normals(u, out):
    for i in range(u.size):
        out[i] = random.normal(u[i])


@kernel
def _invert_table(tables, table_id, u, out):
    for i in range(u.size):
        out[i] = quantiles.draw(tables, table_id, u[i])


def run(draws: int = DRAWS, repeats: int = 7) -> list[dict[str, str | float]]:
    """
    Time every kind of draw on one core.

    Parameters
    ----------
    draws : int
        Draws a measurement, even.
    repeats : int
        Measurements of each kind, of which the fastest counts.

    Returns
    -------
    list of dict
        One row a kind: ``draw``, ``ns`` (nanoseconds a draw) and ``mean`` of what was drawn, checked
        against its expectation, since a kernel that writes nothing is very fast.

    Raises
    ------
    ValueError
        When what was drawn does not have its expected mean.
    AssertionError
        When two ways to the same draws differ.
    """
    key = random.seed_key(1)
    u, singles, normals, inverted = (np.empty(draws) for _ in range(4))
    _draw_pairs(key, u)
    _draw_singles(key, singles)
    np.testing.assert_array_equal(singles, u)
    _draw_normals(key, normals)
    _invert_normals(u, inverted)
    np.testing.assert_array_equal(inverted, normals)
    tables = quantiles.stack(
        [quantiles.gamma_table(2.5), quantiles.gamma_table(1.0), quantiles.beta_table(2.0, 6.0)]
    )
    kinds = [
        ("uniform, two a call", 0.5, _draw_pairs, (key,)),
        ("uniform, one a call", 0.5, _draw_singles, (key,)),
        ("uniform under a key of its own", 0.5, _derive_keys, (key,)),
        ("normal, with its uniform", 0.0, _draw_normals, (key,)),
        ("normal, of a uniform", 0.0, _invert_normals, (u,)),
        ("gamma (shape 2.5), of a uniform", 2.5, _invert_table, (tables, 0, u)),
        ("exponential, of a uniform", 1.0, _invert_table, (tables, 1, u)),
        ("beta (2, 6), of a uniform", 0.25, _invert_table, (tables, 2, u)),
    ]
    return [_row(name, mean, fill, arguments, draws, repeats) for name, mean, fill, arguments in kinds]


def _row(name, expected, fill, arguments, draws, repeats):
    out = np.full(draws, np.nan)
    fill(*arguments, out)  # compiles
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        fill(*arguments, out)
        seconds.append(time.perf_counter() - start)
    mean = float(out.mean())
    if not abs(mean - expected) < 10.0 * float(out.std()) / draws**0.5:
        raise ValueError(f"{name}: mean {mean:g} of {draws} draws is not near {expected:g}")
    return {"draw": name, "ns": min(seconds) / draws * 1e9, "mean": mean}


if __name__ == "__main__":
    for row in run():
        print(f"{row['draw']:<34}{row['ns']:6.1f} ns")
