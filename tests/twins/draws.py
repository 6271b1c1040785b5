"""Draws for the naive model: the tested random kernels behind plain Python types."""

from __future__ import annotations

import math

import numpy as np

from fundsim.kernels.base import random
from fundsim.kernels.base.quantiles import draw as table_draw


def derive(key, word):
    return np.uint64(random.derive(np.uint64(key), np.uint64(word)))


def path_key(seed_key, path, stream):
    return np.uint64(random.path_key(np.uint64(seed_key), np.uint64(path), np.uint64(stream)))


def uniform(key, n):
    return float(random.uniform(np.uint64(key), np.uint64(n)))


class Shared:
    """Draws of what all funds of a path share; of a mirrored pair the
    odd path's are one less those of the even path.
    """

    def __init__(self, grid, path):
        self.is_mirrored = grid.is_antithetic and path % 2 == 1
        self.seed_key, self.path = grid.seed_key, path - 1 if self.is_mirrored else path

    def uniform(self, stream, n):
        u = uniform(path_key(self.seed_key, self.path, stream), n)
        return 1.0 - u if self.is_mirrored else u


def normal(u):
    return float(random.normal(u))


def normal_cdf(x):
    return float(random.normal_cdf(x))


def draw(tables, distribution, u):
    """The quantile of `u` of a distribution in three columns."""
    table, a, b = int(distribution[0]), float(distribution[1]), float(distribution[2])
    if table >= 0:
        return a * float(table_draw(tables, table, u)) + b
    if table == -1:
        return a
    if table == -2:
        return a * math.exp(b * normal(u))
    return -a * math.log1p(-u)
