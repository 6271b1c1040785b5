"""Owns the control variates of a block, figures of its market and property
whose means are known, and how a run's paths were drawn (§9).
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise

import numpy as np

from fundsim.kernels.layout import MarketBlock
from fundsim.kernels.market import allocate_market
from fundsim.kernels.property.records import PropertyBlock
from fundsim.kernels.property.run import allocate_property
from fundsim.plan import Plan
from fundsim.sampling import Sampling

MARKET_PARTS = 4
"""Of the horizon, each with the moves of every factor and the times in every state of the window."""
PROPERTY_DATES = 3
"""At which rents and yields of every property market are taken."""


def control_variates(plan: Plan, market: MarketBlock, property_: PropertyBlock) -> np.ndarray:
    """
    Figures of mean 0, whose scale is near 1, that move with what funds earn.

    Parameters
    ----------
    plan : Plan
    market, property_ : MarketBlock, PropertyBlock
        What the passes wrote about the block.

    Returns
    -------
    ndarray (paths, k)
        Of the factors, the window's states but the last, rents and yields; k is 0 unless the scenario asks
        for them.
    """
    if not plan.scenario.run.control_variates:
        return np.zeros((len(market.index), 0))
    columns = [*_factor_moves(plan, market), *_window_times(plan, market), *_property_levels(plan, property_)]
    return np.stack(columns, axis=1) if columns else np.zeros((len(market.index), 0))


def n_controls(plan: Plan) -> int:
    """How many control variates a run has."""
    market = allocate_market(0, plan.grid_terms, plan.market)
    property_ = allocate_property(0, plan.grid_terms, plan.property)
    return control_variates(plan, market, property_).shape[1]


def _dates(n_periods: int, parts: int) -> np.ndarray:
    """Distinct dates that part the horizon, 0 and the last among them."""
    return np.unique(np.linspace(0, n_periods, parts + 1).round().astype(int))


def _factor_moves(plan: Plan, market: MarketBlock) -> Iterator[np.ndarray]:
    """Moves of each factor that moves, by their standard deviations (1.3)."""
    dates = _dates(plan.grid.n_periods, MARKET_PARTS)
    for f, volatility in enumerate(plan.market.factor_volatility):
        if volatility > 0.0:
            years = np.diff(dates) / plan.grid.periods_per_year
            yield from (np.diff(market.factors[:, f, dates], axis=1) / (volatility * np.sqrt(years))).T


def _window_times(plan: Plan, market: MarketBlock) -> Iterator[np.ndarray]:
    """Share of the periods of each part in each state but the last, less what is expected (1.2)."""
    law = window_law(plan)
    dates = _dates(plan.grid.n_periods, MARKET_PARTS)
    for first, last in pairwise(dates):
        for state in range(law.shape[1] - 1):
            yield (market.window[:, first:last] == state).mean(axis=1) - law[first:last, state].mean()


def window_law(plan: Plan) -> np.ndarray:
    """Probability of each state of the window in each period, (T, W) (1.2)."""
    terms = plan.market
    step = np.diff(terms.window_cumulative, axis=1, prepend=0.0)
    initial = np.diff(terms.window_initial, prepend=0.0)
    law = np.zeros((plan.grid.n_periods, len(initial)))
    for t, known in enumerate(terms.window_known):
        if known >= 0:
            law[t, known] = 1.0
        else:
            law[t] = initial if t == 0 else law[t - 1] @ step
    return law


def _property_levels(plan: Plan, property_: PropertyBlock) -> Iterator[np.ndarray]:
    """Logarithms of rents and yields, less their means, by their standard deviations (1.4)."""
    terms, dates = plan.property, _dates(plan.grid.n_periods, PROPERTY_DATES)[1:]
    years = dates / plan.grid.periods_per_year
    if not len(plan.names.projects):
        return
    for i, market in enumerate(terms.markets):
        variance = market["rent_volatility"] ** 2 + (market["rent_beta"] * terms.market_volatility) ** 2
        # rents that fall below the smallest number, of absurd scenarios only, are that
        rents = (
            np.log(np.maximum(property_.rent[:, i, dates], np.finfo(float).tiny))
            - (market["rent_drift"] - 0.5 * variance) * years
        )
        kappa, start = market["yield_reversion"], np.log(market["yield_initial"] / market["yield_mean"])
        yields = np.log(property_.yields[:, i, dates] / market["yield_mean"]) - start * np.exp(-kappa * years)
        lasting = -np.expm1(-2.0 * kappa * years) / (2.0 * kappa) if kappa > 0.0 else years
        for levels, spread in (
            (rents, np.sqrt(variance * years)),
            (yields, market["yield_volatility"] * np.sqrt(lasting)),
        ):
            yield from (levels[:, spread > 0.0] / spread[spread > 0.0]).T


class Drawn:
    """The paths of a run by how they were drawn."""

    plan: Plan
    arrays: Mapping[str, np.ndarray]

    @property
    def group(self) -> int:
        """Paths of a group: 2 of mirrored pairs, else 1.

        Examples
        --------
        >>> results.group
        1
        """
        return self.plan.group

    @cached_property
    def sampling(self) -> Sampling | None:
        """How the paths are drawn, if in mirrored pairs or with control variates.

        Examples
        --------
        >>> results.sampling is None
        True
        """
        controls = self.arrays["controls"]
        return Sampling(self.group, controls) if self.group > 1 or controls.shape[1] else None

    @cached_property
    def kept_sampling(self) -> Sampling | None:
        """The same of the paths whose series are kept.

        Examples
        --------
        >>> results.kept_sampling is None
        True
        """
        return None if self.sampling is None else self.sampling.paths(0, len(self.arrays["kept_nav"]))
