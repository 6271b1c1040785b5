"""Owns who enters a path and when: the park's streams and the outside enterprise of each planned deal (§3)."""

import math

import numpy as np

from fundsim.kernels.conditions import SLACK, is_beyond
from fundsim.kernels.jit import kernel
from fundsim.kernels.market import first_above
from fundsim.kernels.random import derive, normal, path_key, uniform, uniform_pair


@kernel
def count_rows(grid, terms, first_path, n_paths, first_row, n_park):
    """
    Count the enterprises of each path, so that their arrays have no gaps.

    Parameters
    ----------
    grid : GridTerms
    terms : EnterpriseTerms
    first_path, n_paths : int
        Of the block.
    first_row : int64 array (n_paths + 1,)
        Filled: rows of path b are ``first_row[b]:first_row[b + 1]``.
    n_park : int64 array (n_paths,)
        Filled: how many of them are the park's; the outside enterprises follow.
    """
    n_outside = 0
    for d in range(terms.deal_row.size):
        n_outside += 1 if terms.deal_row[d] >= 0 else 0
    most = 1
    for p in range(terms.most_arrivals.size):
        most = max(most, terms.most_arrivals[p])
    times = np.empty(most)
    first_row[0] = 0
    for b in range(n_paths):
        n_park[b] = 0
        for p in range(terms.stream_key.size):
            key = path_key(grid.seed_key, first_path + b, terms.stream_key[p])
            n_park[b] += arrival_times(grid, terms, p, key, times)
        first_row[b + 1] = first_row[b] + n_park[b] + n_outside


@kernel
def arrival_times(grid, terms, p, key, times):
    """
    Exact times of the arrivals of a park stream within the horizon.

    Parameters
    ----------
    grid : GridTerms
    terms : EnterpriseTerms
    p : int
        Stream.
    key : uint64
        Its key on the path; its draw `i` is the gap before arrival `i`.
    times : float64 array (≥ most_arrivals[p],)
        Filled from the start, years.

    Returns
    -------
    int
        Number of arrivals.
    """
    per_year, growth = terms.stream_rate[p, 0], math.log1p(terms.stream_rate[p, 1])
    from_years, until_years = terms.stream_rate[p, 2], terms.stream_rate[p, 3]
    is_poisson = terms.stream_is_poisson[p] != 0
    reached, second = -0.5, 0.5
    for i in range(terms.most_arrivals[p]):
        if not is_poisson:
            reached += 1.0
        elif i % 2 == 0:
            first, second = uniform_pair(key, i // 2)
            reached = (0.0 if i == 0 else reached) - math.log1p(-first)
        else:
            reached -= math.log1p(-second)
        time = from_years + years_to_reach(reached, per_year, growth)
        if is_beyond(grid, time) or time > until_years + SLACK:
            return i
        times[i] = time
    return terms.most_arrivals[p]


@kernel
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


@kernel
def deal_key(grid, terms, path, d):
    """The key of planned deal d on a path; its draw 0 says park or open, its draw 1 whether an outsider relocates."""
    return derive(path_key(grid.seed_key, path, terms.deal_vehicle_stream[d]), terms.deal_number[d])


@kernel
def entry_time(terms, d, key):
    """When the outside enterprise of a deal is looked at: at the deal's time, or after the patience of a park deal."""
    is_park = uniform(key, 0) < terms.deal_park_share[d]
    return terms.deal_years[d] + (terms.deal_patience[d] if is_park else 0.0)


@kernel
def signal(deal, enterprise, quality, skill):
    """
    What the team of a planned deal sees of an enterprise's quality (5.1): ``ρq + √(1−ρ²)ε``.

    Parameters
    ----------
    deal, enterprise : uint64
        Keys; the noise ε is the deal's draw with the enterprise's key as its number.
    quality : float64
        q.
    skill : float64
        ρ in [0, 1].

    Returns
    -------
    float64
    """
    return skill * quality + math.sqrt(1.0 - skill * skill) * normal(uniform(deal, enterprise))


@kernel
def best_candidate(terms, d, key):
    """
    The outside enterprise of a planned deal: the candidate with the best signal, the first of equals.

    Returns
    -------
    (int, uint64)
        Its number among the candidates, and its key.
    """
    best, best_key, best_signal = 0, derive(key, 0), -math.inf
    if terms.deal_candidates[d] == 1:
        return best, best_key
    for j in range(terms.deal_candidates[d]):
        candidate = derive(key, j)
        seen = signal(key, candidate, normal(uniform(candidate, 0)), terms.deal_skill[d])
        if seen > best_signal:
            best, best_key, best_signal = j, candidate, seen
    return best, best_key


@kernel
def entry_stage(terms, d, key):
    """The global stage in which a candidate enters, from its draw 2."""
    return first_above(terms.entry_cumulative[terms.deal_entry[d]], uniform(key, 2))
