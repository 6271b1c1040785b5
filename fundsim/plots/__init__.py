"""Owns figures: each takes a run or a comparison, draws on given or new axes, and returns the axes."""

from fundsim.plots.cash import calls_and_distributions, dpi_by_year, j_curve
from fundsim.plots.compared import (
    compared_irr,
    compared_vehicles,
    compared_years,
    write_comparison_figures,
)
from fundsim.plots.exits import exits_by_channel
from fundsim.plots.figures import write_figures
from fundsim.plots.landing import landing
from fundsim.plots.leverage import leverage_by_definition, leverage_by_year
from fundsim.plots.property import property_coverage, property_debt, property_recycling, property_sleeve
from fundsim.plots.reits import project_listing, reit_price_to_book, reit_yield
from fundsim.plots.returns import irr_distribution, vehicle_comparison

__all__ = [
    "calls_and_distributions",
    "compared_irr",
    "compared_vehicles",
    "compared_years",
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
    "write_comparison_figures",
    "write_figures",
]
