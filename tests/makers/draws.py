"""Generators of random numbers by name: what is drawn about one topic of one entity depends on the seed and
these names alone, so that a draw added to one topic moves no other.
"""

from __future__ import annotations

import functools
import hashlib

import numpy as np


class Draws(np.random.Generator):
    """
    A generator keyed by a seed and names; `of` gives that of a topic or an entity below it.

    Within a topic draws follow each other: what is drawn anew stands last, or gets a topic of its own.
    """

    def __init__(self, *key):
        digest = hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
        super().__init__(np.random.PCG64(int.from_bytes(digest, "little")))
        self.key = key

    def of(self, *names):
        """The generator of what the names say; the same one each time, whatever was drawn before."""
        return Draws(*self.key, *names)


def topic(method):
    """Let a method of `Picks` draw from a generator of its own, below that of its caller: its names are the
    method's and, where it is given one, the entity's, a number or a name.
    """

    @functools.wraps(method)
    def drawn(self, *given, **more):
        caller = self.rng
        entity = given[:1] if given and isinstance(given[0], int | str) else ()
        self.rng = caller.of(method.__name__, *entity)
        try:
            return method(self, *given, **more)
        finally:
            self.rng = caller

    return drawn


class Picks:
    """What every generator of scenarios draws: one of some values, in absurd scenarios now and then a wild
    one; always from the generator of the topic that is being drawn (`topic`).
    """

    def __init__(self, *key):
        self.rng = Draws(*key)
        self.is_absurd = bool(self.rng.of("is_absurd").random() < 0.3)

    def pick(self, *values):
        return values[int(self.rng.integers(len(values)))]

    def extreme(self, usual, absurd):
        """One of the usual values, or in an absurd scenario now and then one of the absurd ones."""
        return self.pick(*absurd) if self.is_absurd and self.chance(0.3) else self.pick(*usual)

    def chance(self, probability):
        return bool(self.rng.random() < probability)

    @topic
    def how_many(self, things, *numbers):
        """One of some numbers, by a draw of the things' own."""
        return self.pick(*numbers)
