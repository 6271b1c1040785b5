"""Owns the set of figures of a run, and their files."""

import re
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from fundsim.plots import style
from fundsim.plots.cash import calls_and_distributions, dpi_by_year, j_curve
from fundsim.plots.exits import exits_by_channel
from fundsim.plots.landing import landing
from fundsim.plots.leverage import leverage_by_definition, leverage_by_year
from fundsim.plots.once import once
from fundsim.plots.property import property_coverage, property_debt, property_recycling, property_sleeve
from fundsim.plots.reits import project_listing, reit_price_to_book, reit_yield
from fundsim.plots.returns import irr_distribution, vehicle_comparison
from fundsim.results import Results
from fundsim.results.tables import has_property
from fundsim.scenario.principal import principal


def figures_of(results: Results, lang: str = "en") -> dict[str, Callable[[], Axes]]:
    """What a run can show: name of each figure and the function that draws it.

    Figures of one investor are those of the run's principal: the largest fiscal investor, if there is one.
    """
    vehicle, investor = principal(results.scenario)
    figures: dict[str, Callable[[], Axes]] = {
        "irr_distribution": lambda: irr_distribution(results, vehicle, investor, lang=lang),
        "vehicle_comparison": lambda: vehicle_comparison(results, lang=lang),
        "j_curve": lambda: j_curve(results, vehicle, investor, lang=lang),
        "dpi_by_year": lambda: dpi_by_year(results, vehicle, investor, lang=lang),
        "calls_and_distributions": lambda: calls_and_distributions(results, vehicle, investor, lang=lang),
    }
    if results.leverage()["mean"].notna().any():
        figures["leverage_by_definition"] = lambda: leverage_by_definition(results, lang=lang)
        figures["leverage_by_year"] = lambda: leverage_by_year(results, lang=lang)
    if results.exits_by_year()["count"].sum() > 0:
        figures["exits_proceeds"] = lambda: exits_by_channel(results, what="proceeds", lang=lang)
        figures["exits_count"] = lambda: exits_by_channel(results, what="count", lang=lang)
    if results.landing()["p50"].notna().any():
        figures["landing"] = lambda: landing(results, lang=lang)
    return figures | (figures_of_property(results, lang) if has_property(results.scenario) else {})


def figures_of_property(results: Results, lang: str) -> dict[str, Callable[[], Axes]]:
    """Figures of property, those for which there is something on some path."""
    table, projects, reits = results.property_by_year(), results.projects(), results.reits_by_year()

    def is_there(measure: str, of: pd.DataFrame = table) -> bool:
        return bool((of[of["measure"] == measure]["p95"] > 0).any())

    figures: dict[str, Callable[[], Axes]] = {}
    if is_there("debt"):
        figures["property_debt"] = lambda: property_debt(results, lang=lang)
    if is_there("coverage"):
        figures["property_coverage"] = lambda: property_coverage(results, lang=lang)
    if is_there("recycled_per_original"):
        figures["property_recycling"] = lambda: property_recycling(results, lang=lang)
    if projects["price_to_book_p50"].notna().any():
        figures["reit_price_to_book"] = lambda: reit_price_to_book(results, lang=lang)
        figures["project_listing"] = lambda: project_listing(results, lang=lang)
    if is_there("distribution_yield", reits):
        figures["reit_yield"] = lambda: reit_yield(results, lang=lang)
    if results.sleeves()["correlation"].notna().any():
        figures["property_sleeve"] = lambda: property_sleeve(results, lang=lang)
    return figures


def draw_figures(results: Results, lang: str = "en") -> dict[str, tuple[str, bytes]]:
    """SVG text and PNG bytes of every figure of a run, by name; the same run gives the same bytes."""
    drawn, results = {}, once(results)
    with style.styled():
        for name, draw in figures_of(results, lang).items():
            figure = draw().get_figure(root=True)
            assert figure is not None
            svg, png = StringIO(), BytesIO()
            figure.savefig(svg, format="svg", metadata={"Date": None})
            figure.savefig(
                png,
                format="png",
                dpi=style.DPI,
                metadata={"Software": None},
                pil_kwargs={"compress_level": 3},
            )
            drawn[name] = (_without_preamble(svg.getvalue()), png.getvalue())
    return drawn


def write_figures(results: Results, folder: str | Path, lang: str = "en") -> dict[str, str]:
    """Write `NAME.svg` and `NAME.png` of every figure into a folder, which is made if it is not there.

    Returns
    -------
    dict of str
        SVG text by name, for a report.

    Examples
    --------
    >>> sorted(fs.plots.write_figures(results, folder / "figures"))[:3]
    ['calls_and_distributions', 'dpi_by_year', 'exits_count']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = draw_figures(results, lang)
    for name, (svg, png) in drawn.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
        (folder / f"{name}.png").write_bytes(png)
    return {name: svg for name, (svg, _) in drawn.items()}


def _without_preamble(svg: str) -> str:
    # The document type names a file on another host, which some readers fetch.
    return re.sub(r"<!DOCTYPE[^>]*>\s*", "", svg)
