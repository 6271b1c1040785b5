"""Figures: what they draw is what the results say, in both languages, on new and on given axes."""

import ast
import warnings
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from fundsim import plots
from fundsim.errors import ArgumentError
from tests.makers.fund_cluster import Altered, run

OF_INVESTOR = ("irr_distribution", "j_curve", "dpi_by_year", "calls_and_distributions")
OF_RUN = ("leverage_by_definition", "leverage_by_year", "exits_by_channel", "landing", "vehicle_comparison")


@pytest.fixture(scope="module")
def results():
    return run(5, 200)


def texts(axes):
    """All words on axes that can be seen."""
    found = [text.get_text() for text in axes.texts]
    found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
    found += [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    legend = axes.get_legend()
    return found + ([text.get_text() for text in legend.get_texts()] if legend else [])


def draw(name, results, **options):
    """A figure by name."""
    arguments = ("mother", "provincial fiscal") if name in OF_INVESTOR else ()
    return getattr(plots, name)(results, *arguments, **options)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", OF_INVESTOR + OF_RUN)
def test_every_figure_draws_without_a_missing_glyph(results, name, lang, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = draw(name, results, lang=lang)
        axes.figure.savefig(tmp_path / "figure.svg")
        assert axes._repr_png_().startswith(b"\x89PNG")
    has_chinese = any("\u4e00" <= c <= "\u9fff" for text in texts(axes) for c in text)
    assert has_chinese == (lang == "zh")


@pytest.mark.parametrize("name", OF_INVESTOR + OF_RUN)
def test_given_axes_are_drawn_on_and_returned(results, name):
    axes = Figure().add_subplot()
    assert draw(name, results, ax=axes) is axes
    assert axes.has_data()


def test_drawing_needs_no_pyplot():
    for module in Path(plots.__file__).parent.glob("*.py"):
        assert "pyplot" not in {name.split(".")[-1] for name in imported(module)}


def imported(module):
    """Names of the modules that a file imports."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_j_curve_shows_median_and_mean_of_the_cumulative_cash(results):
    axes = plots.j_curve(results, "mother", "provincial fiscal")
    paths = results.paths_of("cumulative_net", "mother", "provincial fiscal")
    drawn = [line.get_ydata() for line in axes.lines]
    for expected in (np.median(paths, axis=0), paths.mean(axis=0)):
        assert any(len(line) == 61 and np.allclose(line[1:], expected) for line in drawn)


def test_amounts_carry_their_unit(results):
    assert "亿元" in plots.j_curve(results, "mother", lang="zh").get_ylabel()
    assert "CNY 100 million" in plots.calls_and_distributions(results, "mother").get_ylabel()


def test_histogram_holds_every_defined_path(results):
    axes = plots.irr_distribution(results, "mother")
    irr = results.irr("mother")
    counted = sum(bar.get_height() for bar in axes.patches) * len(irr)
    assert counted == pytest.approx(np.isfinite(irr).sum())


def with_irr(irr):
    """A run whose mother fund has these IRRs."""
    return Altered(run(1, len(irr)), irr=lambda vehicle, investor: irr)


def test_bars_of_loss_end_at_zero():
    axes = plots.irr_distribution(with_irr(np.random.default_rng(1).normal(0.05, 0.1, 50)), "mother")
    losses = {bar.get_facecolor() for bar in axes.patches if bar.get_x() + 1e-12 < 0}
    gains = {bar.get_facecolor() for bar in axes.patches if bar.get_x() + 1e-12 >= 0}
    assert len(losses) == len(gains) == 1
    assert losses != gains


def test_undefined_paths_and_total_losses_are_said():
    irr = np.random.default_rng(1).normal(0.05, 0.1, 50)
    irr[:20], irr[20:25] = np.nan, -1.0
    said = " ".join(texts(plots.irr_distribution(with_irr(irr), "mother")))
    assert "40.0% undefined" in said
    assert "10.0% lose everything" in said


def test_run_without_any_defined_irr_is_drawn():
    said = " ".join(texts(plots.irr_distribution(with_irr(np.full(50, np.nan)), "mother")))
    assert "100.0% undefined" in said


def test_dpi_names_the_year_in_which_the_median_reaches_one(results):
    dpi = np.linspace(0.15, 1.55, 15) * np.ones((200, 1))
    altered = Altered(results, dpi_by_year=lambda vehicle, investor: dpi)
    assert "the median reaches 1 in 2032" in " ".join(texts(plots.dpi_by_year(altered, "mother")))
    never = Altered(results, dpi_by_year=lambda vehicle, investor: 0.5 * dpi)
    assert "the median never reaches 1" in " ".join(texts(plots.dpi_by_year(never, "mother")))


def test_bars_of_calls_and_distributions_sum_to_the_means(results):
    axes = plots.calls_and_distributions(results, "mother")
    heights = np.array([bar.get_height() for bar in axes.patches])
    paid = results.paths_of("contribution", "mother").mean(axis=0).sum()
    back = results.paths_of("distribution", "mother").mean(axis=0).sum()
    assert heights[heights < 0].sum() == pytest.approx(-paid)
    assert heights[heights > 0].sum() == pytest.approx(back)


def test_stacked_exits_sum_to_all_proceeds(results):
    axes = plots.exits_by_channel(results)
    total = sum(bar.get_height() for bar in axes.patches)
    assert total == pytest.approx(results.exits_by_year()["proceeds"].sum())
    one = plots.exits_by_channel(results, vehicle="seed fund 1", what="count")
    table = results.exits_by_year()
    expected = table[table["vehicle"] == "seed fund 1"]["count"].sum()
    assert sum(bar.get_height() for bar in one.patches) == pytest.approx(expected)


def test_leverage_shows_each_mean_for_both_kinds_of_money(results):
    said = texts(plots.leverage_by_definition(results))
    for row in results.leverage().dropna(subset=["mean"]).itertuples():
        shown = f"{100 * row.mean:.1f}%" if row.definition == "social_share" else f"{row.mean:.2f}×"
        assert shown in said
    assert {"fiscal money", "all government money"} <= set(said)


def test_landing_marks_what_is_required(results):
    axes = plots.landing(results)
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "|" and len(line.get_xdata())]
    assert marks == [1.5, 1.5, 1.5]


def test_comparison_of_many_vehicles_shows_the_foremost_and_counts_the_rest():
    results = run(40, 30)
    axes = plots.vehicle_comparison(results)
    assert len(axes.get_yticks()) == 24
    assert axes.get_yticklabels()[0].get_text() == "Qinchuangyuan mother fund"
    assert "17 smaller vehicles not shown" in texts(axes)


def test_comparison_of_named_vehicles_keeps_their_order(results):
    axes = plots.vehicle_comparison(results, ["vc fund 3", "mother"])
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["VC fund 3", "Qinchuangyuan mother fund"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: plots.j_curve(r, "mothr"), "no vehicle 'mothr'; there are 'mother'"),
        (lambda r: plots.dpi_by_year(r, "mother", "nobody"), "'mother' has no investor 'nobody'"),
        (lambda r: plots.irr_distribution(r, "mother", lang="fr"), "no language 'fr'; there are en, zh"),
        (lambda r: plots.exits_by_channel(r, what="cost"), "no quantity 'cost'; there are proceeds, count"),
        (lambda r: plots.exits_by_channel(r, vehicle="x"), "no vehicle 'x'"),
        (lambda r: plots.leverage_by_year(r, definition="x"), "no leverage 'x'; there are mother_multiple"),
        (lambda r: plots.landing(r, lang="fr"), "no language 'fr'"),
    ],
)
def test_wrong_arguments_say_what_there_is(results, call, message):
    with pytest.raises(ArgumentError, match=message.replace("(", r"\(")):
        call(results)


def test_files_are_whole_and_the_same_bytes_each_time(results, tmp_path):
    first = plots.write_figures(results, tmp_path / "a", "zh")
    second = plots.write_figures(results, tmp_path / "b", "zh")
    assert first == second
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(f"{name}.{kind}" for name in first for kind in ("png", "svg"))
    for name in names:
        content = (tmp_path / "a" / name).read_bytes()
        assert content == (tmp_path / "b" / name).read_bytes()
        assert content.startswith(b"\x89PNG" if name.endswith("png") else b"<?xml")


def test_figures_load_nothing_and_hold_no_date(results, tmp_path):
    for svg in plots.write_figures(results, tmp_path).values():
        assert "<!DOCTYPE" not in svg
        assert 'href="http' not in svg
        assert "<dc:date>" not in svg


def test_dollars_in_names_are_no_formulas():
    name = "$中文_x$ & <b>"
    axes = plots.j_curve(run(1, 50, fiscal=name), "mother", name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert axes._repr_png_()
    assert f"Qinchuangyuan mother fund: {name}" in texts(axes)


def test_run_that_keeps_no_series_draws_its_means():
    results = run(1, 50, kept_paths=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in OF_INVESTOR:
            assert getattr(plots, name)(results, "mother")._repr_png_()
    flows = results.cash_flows("mother", "all")
    mean = flows[flows["flow"] == "cumulative_net"]["mean"]
    lines = [line.get_ydata() for line in plots.j_curve(results, "mother").lines]
    assert any(len(line) == 61 and np.allclose(line[1:], mean) for line in lines)


def test_stored_run_is_drawn_like_the_run_itself(results, tmp_path):
    """A stored run has tables, but neither dates nor series by path."""

    class Stored(Altered):
        def __getattr__(self, name):
            if name in ("dates", "years", "paths_of", "plan"):
                raise AttributeError(name)
            return super().__getattr__(name)

    for name in {*OF_INVESTOR, *OF_RUN}:
        stored, itself = (draw(name, run)._repr_png_() for run in (Stored(results), results))
        assert stored == itself, name
