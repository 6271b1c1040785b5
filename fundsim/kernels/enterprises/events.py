"""Owns the order of events on a path: a counting sort of all rounds
and ends by period, then row, then round before end.
"""

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.layout import NEVER


@kernel(allocates=False, is_inner=True)
def sort_events(n_rounds, round_period, end_period, first_row, places, first_place, first_event, event_order):
    """
    Fill the order of the events of one path.

    Parameters
    ----------
    n_rounds, end_period : int64 array (rows of the path,)
    round_period : int64 array (rows of the path, K)
    first_row : int
        The path's first row in the block.
    places : int64 array (T+2,)
        Scratch: events by period, then the place behind each period's last event.
    first_place : int
        Place of the path's first event.
    first_event : int64 array (T+2,)
        Filled: the places of the events of period t are ``first_event[t]:first_event[t + 1]``.
    event_order : int64 array
        Filled at these places: ``row · (K + 1) + i`` for round i, ``row · (K + 1) + K`` for the end.

    Returns
    -------
    int
        The place behind the path's last event.
    """
    _count(n_rounds, round_period, end_period, places)
    place, n_stages = first_place, round_period.shape[1]
    for t in range(places.size):
        first_event[t] = place
        place += places[t]
        places[t] = first_event[t]
    for n in range(n_rounds.size):
        for i in range(n_rounds[n]):
            t = round_period[n, i]
            event_order[places[t]] = (first_row + n) * (n_stages + 1) + i
            places[t] += 1
        t = end_period[n]
        if t < NEVER:
            event_order[places[t]] = (first_row + n) * (n_stages + 1) + n_stages
            places[t] += 1
    return place


@kernel(allocates=False)
def _count(n_rounds, round_period, end_period, n_events):
    n_events[:] = 0
    for n in range(n_rounds.size):
        for i in range(n_rounds[n]):
            n_events[round_period[n, i]] += 1
        if end_period[n] < NEVER:
            n_events[end_period[n]] += 1
