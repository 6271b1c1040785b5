"""Figures of comparisons: any comparison can be drawn, years stand under their bars, noise is hollow."""

from functools import cache

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import fundsim as fs
from fundsim.errors import ArgumentError
from fundsim.plots.compared import compared_irr, compared_vehicles, compared_years, comparison_figures
from fundsim.words import LANGUAGES
from tests.makers.fund_cluster import cluster

LONG = "一个名字非常长的对比方案，长到任何图例都放不下它的全名"


@cache
def compared(n_others=1, paths=40):
    base = cluster(3, paths)
    sides = {"base": base}
    for k in range(n_others):
        name = LONG if k == 1 else f"fee {k}"
        sides[name] = base.override({"vehicles.mother.terms.fee_rate": 0.007 + 0.001 * k})
    return fs.compare(sides, progress=False)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("n_others", "paths"), [(1, 40), (4, 40), (1, 1)])
def test_every_figure_draws(n_others, paths, lang):
    figures = comparison_figures(compared(n_others, paths), lang)
    assert set(figures) == {
        "compared_irr", "compared_dpi_by_year", "compared_calls_by_year", "compared_vehicles",
    }  # fmt: skip
    for draw in figures.values():
        assert draw().get_title(loc="left")


def test_equal_sides_are_drawn_without_a_difference():
    base = cluster(3, 40)
    same = fs.compare({"base": base, "again": base}, progress=False)
    for draw in comparison_figures(same).values():
        draw()
    assert not drawn_points(compared_vehicles(same))


def drawn_points(axes):
    return [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]


def test_years_stand_under_the_middle_of_their_bars():
    comparison = compared(2)
    axes = compared_years(comparison, "calls_by_year")
    first = [container.patches[0] for container in axes.containers]
    left, right = first[0].get_x(), first[-1].get_x() + first[-1].get_width()
    assert axes.get_xticks()[0] == pytest.approx((left + right) / 2)
    table = comparison.calls_by_year
    own = table[(table["vehicle"] == "mother") & (table["scenario"] == "fee 0")]
    heights = [patch.get_height() for patch in axes.containers[0].patches]
    investor = own["investor"].iloc[0]
    assert heights == own[own["investor"] == investor]["base"].tolist() or len(set(own["investor"])) > 1
    FigureCanvasAgg(axes.figure).draw()
    legend = axes.get_legend().get_window_extent()
    tops = [patch.get_window_extent().y1 for each in axes.containers for patch in each.patches]
    assert max(tops) <= legend.y0 + 1


def test_chances_fall_from_one_to_nothing():
    axes = compared_irr(compared())
    lines = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) > 2]
    assert len(lines) == 2
    assert all((np.diff(line) <= 0).all() for line in lines)


def test_noise_is_hollow_and_what_is_real_is_full():
    comparison = compared()
    table = comparison.measures
    own = table[(table["measure"] == "net_irr") & (table["investor"] == "all") & (table["verdict"] != "none")]
    points = drawn_points(compared_vehicles(comparison))
    assert len(points) == len(own)
    full = sum(point.get_markerfacecolor() != "white" for point in points)
    assert full == (own["verdict"] == "real").sum()


def test_what_is_not_compared_is_refused():
    with pytest.raises(ArgumentError, match="no measure 'irr'"):
        compared_vehicles(compared(), "irr")
    with pytest.raises(ArgumentError, match="nobody/all is not compared"):
        compared_irr(compared(), "nobody")
    with pytest.raises(ArgumentError, match="no figure 'nav'"):
        compared_years(compared(), "nav")


def test_vehicles_that_are_the_same_on_every_path_are_left_out():
    comparison = compared()
    table = comparison.measures
    own = table[(table["measure"] == "net_irr") & (table["investor"] == "all")]
    moved = own[own["verdict"] != "none"]
    assert 0 < len(moved) < len(own)
    assert len(compared_vehicles(comparison).get_yticklabels()) == len(moved)
