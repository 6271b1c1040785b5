"""Draws for the naive model: the tested random kernels behind plain Python types."""

from __future__ import annotations

import math

import numpy as np

from fundsim.kernels import random
from fundsim.kernels.quantiles import draw as table_draw


def derive(key, word):
    return np.uint64(random.derive(np.uint64(key), np.uint64(word)))


def path_key(seed_key, path, stream):
    return np.uint64(random.path_key(np.uint64(seed_key), np.uint64(path), np.uint64(stream)))


def uniform(key, n):
    return float(random.uniform(np.uint64(key), np.uint64(n)))


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
