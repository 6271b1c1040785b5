"""Owns the order of events on a path: a counting sort of all rounds and ends by period, then row, then round before end."""

from fundsim.kernels.jit import kernel
from fundsim.kernels.layout import NEVER


@kernel
def sort_events(out, b, n_events, first_place):
    """
    Fill the order of the events of one path.

    Parameters
    ----------
    out : EnterpriseBlock
        With the rounds and ends of path b; `first_event` and `event_order` are filled.
    b : int
        Path within the block.
    n_events : int64 array (T+2,)
        Number of events by period; turned into the places behind each period's last event.
    first_place : int
        Place of the path's first event.

    Returns
    -------
    int
        The place behind the path's last event.
    """
    place = first_place
    for t in range(n_events.size):
        out.first_event[b, t] = place
        place += n_events[t]
        n_events[t] = out.first_event[b, t]
    stages = out.round_period.shape[1]
    for row in range(out.first_row[b], out.first_row[b + 1]):
        for i in range(out.n_rounds[row]):
            t = out.round_period[row, i]
            out.event_order[n_events[t]] = row * (stages + 1) + i
            n_events[t] += 1
        t = out.end_period[row]
        if t < NEVER:
            out.event_order[n_events[t]] = row * (stages + 1) + stages
            n_events[t] += 1
    return place
