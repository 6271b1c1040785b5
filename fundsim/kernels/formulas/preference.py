"""Preference stack (5.4): what each round's investors get when an enterprise is sold or merges."""

from fundsim.kernels.base.jit import kernel
from fundsim.vocabulary import Preference


@kernel(is_inner=True)
def share_out(proceeds, kind, n_rounds, shares, claims, is_converted, paid):
    """Share ``proceeds`` among rounds holding 1× non-participating claims; fills ``paid[:n_rounds]`` (5.4).

    Each round, taken in order of price per share, converts if its part of what is left to the converted is
    at least its claim; the first that does not ends the conversions. What rounds do not get belongs to the
    common holders.

    Parameters
    ----------
    proceeds : float
        What the enterprise brings, in money.
    kind : int
        Preference kind of `fundsim.kernels.layout`.
    n_rounds : int
        Rounds that hold claims, oldest first.
    shares, claims : array (≥ n_rounds,)
        Share of the company that the round holds now, and what it paid.
    is_converted : array (≥ n_rounds,)
        Scratch.
    paid : array (≥ n_rounds,)
        Out: money to each round.
    """
    if kind == Preference.NONE:
        for k in range(n_rounds):
            paid[k] = proceeds * shares[k]
        return
    common = 1.0
    unconverted = 0.0
    for k in range(n_rounds):
        common -= shares[k]
        unconverted += claims[k]
        is_converted[k] = 0
    converted = max(common, 0.0)
    for _ in range(n_rounds):
        best = cheapest(n_rounds, shares, claims, is_converted)
        left = max(proceeds - (unconverted - claims[best]), 0.0)
        part = left * shares[best] / (converted + shares[best]) if shares[best] > 0.0 else 0.0
        if part < claims[best]:
            break
        is_converted[best] = 1
        converted += shares[best]
        unconverted -= claims[best]
    pay_claims(proceeds, kind, n_rounds, claims, is_converted, unconverted, paid)
    left = max(proceeds - unconverted, 0.0)
    for k in range(n_rounds):
        if is_converted[k] == 1:
            paid[k] = left * shares[k] / converted if converted > 0.0 else 0.0


@kernel(is_inner=True)
def cheapest(n_rounds, shares, claims, is_converted):
    """Unconverted round of the lowest price per share; the oldest among equals."""
    best = -1
    for k in range(n_rounds):
        if is_converted[k] == 0 and (best < 0 or claims[k] * shares[best] < claims[best] * shares[k]):
            best = k
    return best


@kernel(is_inner=True)
def pay_claims(proceeds, kind, n_rounds, claims, is_converted, unconverted, paid):
    """Pay the unconverted claims: in proportion (pari passu) or later rounds first (standard)."""
    left = proceeds
    for i in range(n_rounds):
        k = n_rounds - 1 - i
        if is_converted[k] == 1:
            continue
        if kind == Preference.PARI_PASSU:
            paid[k] = claims[k] * min(1.0, proceeds / unconverted) if unconverted > 0.0 else 0.0
        else:
            paid[k] = min(claims[k], left)
            left -= paid[k]
