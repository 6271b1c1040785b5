"""The offers of a period as a ring, in the order of a uniform of each, on which a deal with a bound looks at
the nearest (5.1b).
"""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, uniform

PLACE = 6  # draw of the key of an offer's stage: where it stands
START = 2  # draw of a deal's key: from where upward it looks
OFFERS, BUCKETS, TURN, VEHICLE = 0, 1, 2, 3  # what `Ring.counts` counts


class Ring(NamedTuple):
    """Buckets of equal width, as many as a power of two, and the offers of each as an ascending chain.

    A vehicle's deals of a period follow each other, and what is out of its reach or without money stays so
    while they do: a bucket in which all is, is skipped by the deals behind. A turn is such a row of deals; as
    turns are counted on, nothing of earlier ones, or of an earlier path, need be cleared.
    """

    counts: np.ndarray  # (4,) offers on it, buckets, turns so far, and the vehicle whose turn it is, −1
    uniforms: np.ndarray  # (offers,)
    above: np.ndarray  # (offers,) the next one of the same bucket, −1
    lowest: np.ndarray  # (buckets,) the first one of a bucket, −1
    # (2, 2, buckets) for deals of outside enterprises and for all others: the turn in which a bucket was seen
    # to have nothing; a later bucket, all between having nothing either
    spent: np.ndarray


def allocate_ring(n_offers: int) -> Ring:
    """Memory for the offers of a period, no more than ``n_offers``."""
    n_buckets = 1 << n_offers.bit_length()
    return Ring(
        counts=np.zeros(4, dtype=np.int64),
        uniforms=np.zeros(n_offers),
        above=np.zeros(n_offers, dtype=np.int64),
        lowest=np.zeros(n_buckets, dtype=np.int64),
        spent=np.zeros((2, 2, n_buckets), dtype=np.int64),
    )


@kernel(allocates=False, is_inlined=True)
def clear_ring(ring):
    """A period opens: there are no offers."""
    ring.counts[OFFERS], ring.counts[VEHICLE] = 0, -1


@kernel(allocates=False, is_inlined=True)
def take_turn(terms, world, base, v, state):
    """A vehicle's first deal of the period that looks: the ring gets what came on offer since another's."""
    ring = state.ring
    if ring.counts[VEHICLE] == v:
        return
    ring.counts[VEHICLE] = v
    ring.counts[TURN] += 1
    first, n = ring.counts[OFFERS], state.counts[0]
    for i in range(first, n):
        row = base + state.offer_row[i]
        stage = world.first_stage[row] + state.rows[state.offer_row[i]]["place"]
        state.match_keys[i] = derive(world.lives.key[row], terms.enterprises.stages[stage]["key"])
    for i in range(first, n):  # side by side
        ring.uniforms[i] = uniform(state.match_keys[i], PLACE)
    if first == 0 or n > ring.counts[BUCKETS]:
        first = 0
        ring.counts[BUCKETS] = 1
        while ring.counts[BUCKETS] < n:
            ring.counts[BUCKETS] *= 2
        ring.lowest[: ring.counts[BUCKETS]] = -1
    for i in range(first, n):
        insert(state, i)
    ring.counts[OFFERS] = n


@kernel(allocates=False, is_inlined=True)
def insert(state, i):
    """Put an offer into the chain of its bucket; of equal uniforms the lower row goes first."""
    ring, u, r = state.ring, state.ring.uniforms[i], state.offer_row[i]
    b, before = bucket_of(ring, u), -1
    after = ring.lowest[b]
    while after >= 0 and (
        ring.uniforms[after] < u or (ring.uniforms[after] == u and state.offer_row[after] < r)
    ):
        before, after = after, ring.above[after]
    ring.above[i] = after
    if before < 0:
        ring.lowest[b] = i
    else:
        ring.above[before] = i


@kernel(allocates=False, is_inlined=True)
def bucket_of(ring, u):
    """The bucket of a uniform."""
    return int(u * ring.counts[BUCKETS])


@kernel(allocates=False, is_inlined=True)
def spend(ring, b, kind):
    """Nothing in the bucket is for deals of this kind of the vehicle whose turn it is."""
    ring.spent[kind, 0, b], ring.spent[kind, 1, b] = ring.counts[TURN], b + 1


@kernel(allocates=False, is_inlined=True)
def from_bucket(ring, b, kind):
    """The first bucket from b on that may have something, or the number of buckets; paths there are halved,
    so that what lies between is crossed ever faster.
    """
    turn = ring.counts[TURN]
    while b < ring.counts[BUCKETS] and ring.spent[kind, 0, b] == turn:
        later = ring.spent[kind, 1, b]
        if later < ring.counts[BUCKETS] and ring.spent[kind, 0, later] == turn:
            ring.spent[kind, 1, b] = ring.spent[kind, 1, later]
        b = later
    return b
