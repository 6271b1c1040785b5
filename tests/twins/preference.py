"""The preference stack (5.4), slow and obvious: who converts, then who is paid what."""

from __future__ import annotations

from fundsim.vocabulary import Preference


def payoffs(total, claims, shares, kind):
    """
    What each round's investors get of `total`, (5.4): 1× non-participating claims, converting where that
    pays more.

    Parameters
    ----------
    total : float
        What all holders share.
    claims, shares : list of float
        By round in the order of opening: money the round's investors paid, and their share of the company
        now.
    kind : int
        PREFERENCE_PARI_PASSU or PREFERENCE_STANDARD.

    Returns
    -------
    list of float
    """
    rounds = [i for i in range(len(claims)) if shares[i] > 0.0]
    converted = []
    for i in sorted(rounds, key=lambda j: claims[j] / shares[j]):
        if _share_if_converted(i, converted, rounds, total, claims, shares) >= claims[i]:
            converted.append(i)
    waiting = [i for i in rounds if i not in converted]
    result = [0.0] * len(claims)
    for i, paid in zip(waiting, _paid_claims(total, [claims[i] for i in waiting], kind), strict=True):
        result[i] = paid
    rest = total - sum(result)
    of_converted = _common(rounds, shares) + sum(shares[i] for i in converted)
    for i in converted:
        result[i] = rest * shares[i] / of_converted
    return result


def _share_if_converted(i, converted, rounds, total, claims, shares):
    others = sum(claims[j] for j in rounds if j != i and j not in converted)
    holders = _common(rounds, shares) + sum(shares[j] for j in converted) + shares[i]
    return max(0.0, total - others) * shares[i] / holders


def _common(rounds, shares):
    """Founders and option pools: always converted."""
    return 1.0 - sum(shares[i] for i in rounds)


def _paid_claims(total, claims, kind):
    if kind == Preference.STANDARD:
        paid, left = [], total
        for claim in reversed(claims):
            paid.append(min(claim, left))
            left -= paid[-1]
        return paid[::-1]
    owed = sum(claims)
    part = min(1.0, total / owed) if owed > 0.0 else 0.0
    return [part * claim for claim in claims]
