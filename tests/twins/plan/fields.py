"""How twins say what a field of a record must be: a number, or something that fits it."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from tests.twins.draws import draw
from tests.twins.random import hash_name, normal

PLACES = (0.02, 0.3, 0.5, 0.9)
PRECISE = 1e-7  # what the quantile tables promise at these places, and more


def columns(functions, scenario, things):
    """{field: [value of each thing]}, by a function of the scenario and the thing for each field."""
    return {name: [function(scenario, one) for one in things] for name, function in functions.items()}


def copied(path, without=None):
    """The function that takes a value from the file unchanged; `without` where a block on its way is null."""

    def value(scenario, thing):
        for name in path.split("."):
            thing = getattr(thing, name)
            if thing is None:
                return without
        return thing

    return value


def flag(path):
    return lambda scenario, thing: int(bool(copied(path)(scenario, thing)))


def choice(path, *words):
    """The place of a word in the order in which the model names the choices."""
    return lambda scenario, thing: words.index(copied(path)(scenario, thing))


def stream(pattern):
    """The hash of the name of a stream of random numbers (§0), its entity's name put in."""
    return lambda scenario, thing: hash_name(pattern.format(thing.name))


def place(things, name):
    """Where the thing of a name stands; −1 for no name."""
    return -1 if name is None else [one.name for one in things].index(name)


class Fits:
    """What a field must satisfy where more than one value would do."""

    def __init__(self, is_right, what):
        self.is_right, self.what = is_right, what

    def fits(self, actual, tables):
        return bool(self.is_right(actual))

    def __repr__(self):
        return self.what


@dataclass(frozen=True)
class Near:
    """A number that is known up to an error of its own."""

    value: float
    error: float

    def fits(self, actual, tables):
        return abs(actual - self.value) <= self.error


@dataclass(frozen=True)
class Law:
    """A distribution; its three columns must draw its quantiles."""

    kind: str
    a: float
    b: float = 0.0
    is_log: bool = False

    def fits(self, actual, tables):
        code = int(actual[0])
        for u, wanted in zip(PLACES, quantiles(self), strict=True):
            if self.is_log and code in (-1, -2):
                found = actual[1] + actual[2] * (normal(u) if code == -2 else 0.0)
            else:
                found = draw(tables, actual, u)
                found = math.log(max(found, 1e-300)) if self.is_log else found
            if abs(found - wanted) > PRECISE * (1e-3 + abs(wanted)):
                return False
        return True


@lru_cache(maxsize=4096)
def quantiles(law):
    return [math.log(quantile(law, u)) if law.is_log else quantile(law, u) for u in PLACES]


def quantile(law, u):
    a, b = law.a, law.b
    if law.kind == "lognormal":
        return a * math.exp(b * normal(u))
    if law.kind == "gamma":  # mean, shape
        return a / b * float(special.gammaincinv(b, u))
    if law.kind == "beta" and b > 0.0:  # mean, standard deviation
        size = a * (1.0 - a) / b**2 - 1.0
        return float(special.betaincinv(a * size, (1.0 - a) * size, u))
    return a


def lognormal(given, is_log=False):
    return Law("lognormal", given.median, given.log_sd, is_log)


def beta(given):
    return Law("beta", given.mean, given.sd)


def fixed(value, is_log=False):
    return Law("fixed", value, 0.0, is_log)


def cumulative(weights):
    """Running sums over the whole sum; the last is exactly 1."""
    total, sums = sum(weights), []
    for k in range(len(weights)):
        sums.append(sum(weights[: k + 1]) / total)
    return [*sums[:-1], 1.0]


def padded(rows, fill, least=1):
    """Rows of one length, filled up behind their ends."""
    width = max([least, *(len(row) for row in rows)])
    return [[*row, *([fill] * (width - len(row)))] for row in rows]


def offsets(owners, n):
    """The first place of each of n owners among rows sorted by owner, and the place behind its last."""
    owners = np.array(owners)
    return [int((owners < v).sum()) for v in range(n)], [int((owners <= v).sum()) for v in range(n)]
