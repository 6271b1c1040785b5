"""Owns the figures of a run: each takes results, draws on given or new axes, and returns the axes."""

from fundsim.plots.cash import calls_and_distributions, dpi_by_year, j_curve
from fundsim.plots.exits import exits_by_channel
from fundsim.plots.figures import write_figures
from fundsim.plots.landing import landing
from fundsim.plots.leverage import leverage_by_definition, leverage_by_year
from fundsim.plots.property import property_coverage, property_debt, property_recycling, property_sleeve
from fundsim.plots.reits import project_listing, reit_price_to_book, reit_yield
from fundsim.plots.returns import irr_distribution, vehicle_comparison

__all__ = [
    "calls_and_distributions",
    "dpi_by_year",
    "exits_by_channel",
    "irr_distribution",
    "j_curve",
    "landing",
    "leverage_by_definition",
    "leverage_by_year",
    "project_listing",
    "property_coverage",
    "property_debt",
    "property_recycling",
    "property_sleeve",
    "reit_price_to_book",
    "reit_yield",
    "vehicle_comparison",
    "write_figures",
]
