"""Owns who enters a path and when: the park's streams and the
outside enterprise of each planned deal (§3).
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import FIXED, draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, normal, path_key, shared_uniform, uniform, uniform_pair
from fundsim.kernels.enterprises.records import SLACK, EnterpriseRecords, is_beyond
from fundsim.kernels.layout import GridTerms
from fundsim.kernels.market import first_above


def count_rows(
    grid: GridTerms,
    terms: EnterpriseRecords,
    first_path: int,
    n_paths: int,
    first_row: np.ndarray,
    n_park: np.ndarray,
) -> None:
    """
    Count the enterprises of each path, so that their arrays have no gaps.

    Parameters
    ----------
    grid : GridTerms
    terms : EnterpriseRecords
    first_path, n_paths : int
        Of the block.
    first_row : int64 array (n_paths + 1,)
        Filled: rows of path b are ``first_row[b]:first_row[b + 1]``.
    n_park : int64 array (n_paths,)
        Filled: how many of them are the park's; the outside enterprises follow.
    """
    park_streams, n, m = terms.park_streams, grid.n_periods, grid.periods_per_year
    times = np.empty(int(np.max(park_streams["most_arrivals"], initial=1)))
    count_arrivals(n, m, grid.seed_key, park_streams, first_path, times, n_park[:n_paths])
    first_row[0] = 0
    np.cumsum(n_park[:n_paths] + terms.n_outside, out=first_row[1 : n_paths + 1])


@kernel(allocates=False, is_entry=True)
def count_arrivals(n_periods, periods_per_year, seed_key, park_streams, first_path, times, n_park):
    """Fill the number of park enterprises by path; `times` is scratch as long as the longest stream."""
    for b in range(n_park.size):
        n_park[b] = 0
        for p in range(park_streams.size):
            key = path_key(seed_key, first_path + b, park_streams[p]["key"])
            n_park[b] += arrival_times(n_periods, periods_per_year, park_streams[p], key, times)


@kernel(allocates=False, is_inner=True)
def arrival_times(n_periods, periods_per_year, stream, key, times):
    """
    Exact times of the arrivals of a park stream within the horizon.

    Parameters
    ----------
    n_periods, periods_per_year : int
    stream : PARK_STREAM
    key : uint64
        Of the stream on the path; its draw `i` is the gap before arrival `i`.
    times : float64 array (≥ most arrivals of the stream,)
        Filled from the start, years.

    Returns
    -------
    int
        Number of arrivals.
    """
    reached, second = 0.0, 0.5
    for i in range(stream["most_arrivals"]):
        if stream["is_poisson"] == 0:
            reached = i + 0.5
        elif i % 2 == 0:
            first, second = uniform_pair(key, i // 2)
            reached -= math.log(1.0 - first)
        else:
            reached -= math.log(1.0 - second)
        time = stream["from_years"] + years_to_reach(reached, stream["per_year"], stream["log_growth"])
        if is_beyond(n_periods, periods_per_year, time) or time > stream["until_years"] + SLACK:
            return i
        times[i] = time
    return stream["most_arrivals"]


@kernel(allocates=False)
def years_to_reach(arrivals, per_year, log_growth):
    """
    When the integral of ``per_year · exp(log_growth · s)`` over s reaches a number of arrivals.

    Parameters
    ----------
    arrivals : float64
        Above 0.
    per_year : float64
        Intensity at s = 0.
    log_growth : float64
        ``ln(1 + growth)``.

    Returns
    -------
    float64
        Years; infinite when a shrinking stream never gets there.
    """
    if log_growth == 0.0:
        return arrivals / per_year
    grown = arrivals * log_growth / per_year
    return math.log1p(grown) / log_growth if grown > -1.0 else math.inf


@kernel(allocates=False)
def deal_key(path_key, vehicle_stream, number):
    """The key of a vehicle's planned deal: its draw 0 says park or
    open, draw 1 whether an outsider relocates.
    """
    return derive(derive(path_key, vehicle_stream), number)


@kernel(allocates=False, is_inner=True)
def entry_time(deal, key):
    """When the outside enterprise of a deal is looked at: at the
    deal's time, or after the patience of a park deal.
    """
    is_park = uniform(key, 0) < deal["park_share"]
    return deal["years"] + (deal["patience"] if is_park else 0.0)


@kernel(allocates=False, is_inner=True)
def noise_of(skill):
    """What a team sees beside the quality that it can tell (5.1): √(1−ρ²)."""
    return math.sqrt(1.0 - skill * skill)


@kernel(allocates=False)
def signal(u, quality, skill, noise):
    """
    What the team of a planned deal sees of an enterprise's quality (5.1): ``ρq + √(1−ρ²)ε``.

    Parameters
    ----------
    u : float64
        Of the noise ε: the deal's draw with the enterprise's key as its number.
    quality : float64
        q.
    skill, noise : float64
        ρ in [0, 1], and √(1−ρ²) (`noise_of`).

    Returns
    -------
    float64
    """
    return skill * quality + noise * normal(u)


@kernel(allocates=False, is_inner=True)
def skill_of(tables, team, shared):
    """
    How well a team sees on a path (5.1): what its mandate says, or a draw of its manager, the same in all the
    manager's vehicles.

    Parameters
    ----------
    tables : float64 array (N, segments, coefficients)
    team : DEAL or VEHICLE record
    shared : (uint64, bool)
        Of `shared_draws`.

    Returns
    -------
    float64
        ρ in [0, 1].
    """
    if team["skill"][0] == FIXED:
        return team["skill"][1]
    return draw_from(tables, team["skill"], shared_uniform(shared, team["manager"], 0))


@kernel(allocates=False, is_inner=True)
def best_candidate(deal, key, skill):
    """
    The outside enterprise of a planned deal: the candidate with the best signal, the first of equals.

    Returns
    -------
    (int, uint64)
        Its number among the candidates, and its key.
    """
    best, best_key, best_signal, noise = 0, derive(key, 0), -math.inf, noise_of(skill)
    if deal["candidates"] == 1:
        return best, best_key
    for j in range(deal["candidates"]):
        candidate = derive(key, j)
        quality = normal(uniform(candidate, 0))
        seen = signal(uniform(key, candidate), quality, skill, noise)
        if seen > best_signal:
            best, best_key, best_signal = j, candidate, seen
    return best, best_key


class Entrants(NamedTuple):
    """Enterprises as they enter, rows of a path."""

    keys: np.ndarray
    sources: np.ndarray
    numbers: np.ndarray
    stages: np.ndarray  # global
    times: np.ndarray  # exact, in years


@kernel(allocates=False, is_inner=True)
def enter_park(n_periods, periods_per_year, path, park_streams, entrants):
    """
    Fill the park enterprises of a path, stream after stream.

    Parameters
    ----------
    n_periods, periods_per_year : int
    path : uint64
        Key of the path.
    park_streams : PARK_STREAM array
    entrants : Entrants
        Filled from the start, the source being the stream and the number that of the arrival in it.
    """
    n = 0
    for p in range(park_streams.size):
        key = derive(path, park_streams[p]["key"])
        for i in range(arrival_times(n_periods, periods_per_year, park_streams[p], key, entrants.times[n:])):
            entrants.keys[n], entrants.sources[n], entrants.numbers[n] = derive(key, i), p, i
            entrants.stages[n] = park_streams[p]["stage"]
            n += 1


@kernel(allocates=False, is_inner=True)
def enter_outside(path, shared, tables, deals, entry_cumulative, entrants):
    """
    Fill the outside enterprises of a path, one for each planned deal with candidates.

    Parameters
    ----------
    path : uint64
        Key of the path.
    shared : (uint64, bool)
        Of `shared_draws`, for what managers see.
    tables : float64 array (N, segments, coefficients)
    deals : DEAL array
    entry_cumulative : float64 array (M, S)
    entrants : Entrants
        Filled, the source being −1 − deal and the number that of the candidate.
    """
    for d in range(deals.size):
        deal = deals[d]
        n = deal["row"]
        if n < 0:
            continue
        key = deal_key(path, deal["vehicle_stream"], deal["number"])
        entrants.numbers[n], entrants.keys[n] = best_candidate(deal, key, skill_of(tables, deal, shared))
        entrants.sources[n], entrants.times[n] = -1 - d, entry_time(deal, key)
        entrants.stages[n] = first_above(entry_cumulative[deal["entry"]], uniform(entrants.keys[n], 2))
