"""Figures and the report's part on property: what they draw and
say is what the results hold, in both languages.
"""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from fundsim import plots, report, simulate
from fundsim.errors import ArgumentError
from fundsim.plots.figures import figures_of
from fundsim.words import label
from fundsim.words.numbers import multiple, percent
from tests.makers.fund_cluster import Altered, run
from tests.makers.property_runs import certain, scenario, uncertain

FIGURES = (
    "property_debt", "property_coverage", "property_recycling", "reit_price_to_book", "project_listing",
    "reit_yield", "property_sleeve",
)  # fmt: skip


def texts(axes):
    """All words on axes that can be seen."""
    found = [text.get_text() for text in axes.texts]
    found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
    found += [tick.get_text() for tick in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    legend = axes.get_legend()
    return found + ([text.get_text() for text in legend.get_texts()] if legend else [])


def series(measure, statistic="p50"):
    table = uncertain().property_by_year()
    return table[table["measure"] == measure][statistic].to_numpy()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_draws_without_a_missing_glyph(name, lang, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = getattr(plots, name)(uncertain(), lang=lang)
        axes.figure.savefig(tmp_path / "figure.svg")
        assert axes._repr_png_().startswith(b"\x89PNG")
    has_chinese = any("\u4e00" <= c <= "\u9fff" for text in texts(axes) for c in text)
    assert has_chinese == (lang == "zh")


@pytest.mark.parametrize("name", FIGURES)
def test_given_axes_are_drawn_on_and_returned(name):
    axes = Figure().add_subplot()
    assert getattr(plots, name)(uncertain(), ax=axes) is axes
    assert axes.has_data()


def test_a_run_shows_the_figures_it_has_data_for():
    assert set(FIGURES) <= set(figures_of(uncertain()))
    # nothing is random: the sleeves have no correlation
    assert set(figures_of(certain())) & set(FIGURES) == set(FIGURES) - {"property_sleeve"}
    assert not set(figures_of(run(5, 200))) & set(FIGURES)


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("property_debt", "debt"),
        ("property_coverage", "coverage"),
        ("property_recycling", "recycled_per_original"),
    ],
)
def test_the_line_of_a_fan_is_the_median(name, measure):
    lines = [line.get_ydata() for line in getattr(plots, name)(uncertain()).lines]
    median = series(measure)
    assert any(len(line) <= 8 and np.allclose(line, median[: len(line)], equal_nan=True) for line in lines)


def test_value_stands_beside_debt_with_the_highest_loan_to_value():
    axes = plots.property_debt(uncertain())
    assert any(np.allclose(line.get_ydata(), series("value")) for line in axes.lines)
    assert percent(np.nanmax(series("loan_to_value"))) in " ".join(texts(axes))


def test_years_with_hardly_any_debt_are_not_drawn():
    table = uncertain().property_by_year()
    rare = (table["measure"] == "coverage") & (table["year"] == 2)
    table.loc[rare, "undefined"] = 79
    axes = plots.property_coverage(Altered(uncertain(), property_by_year=lambda: table))
    assert all(2 not in np.asarray(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) > 2)


def test_price_over_book_and_listing_of_each_project():
    row = uncertain().projects().set_index("project").loc["one"]
    said = texts(plots.reit_price_to_book(uncertain()))
    assert {"Phase one", multiple(row["price_to_book_p50"])} <= set(said)
    said = texts(plots.project_listing(uncertain()))
    text = f"{row['years_to_listing_p50']:.1f} · never {percent(1 - row['listed'], 0)}"
    assert text in said


def test_projects_beyond_those_shown_are_counted(monkeypatch):
    table = uncertain().projects()
    many = table.loc[table.index.repeat(40)].reset_index(drop=True)
    many.loc[:, "listed"] = 0.5
    for column in ("price_to_book", "years_to_listing"):
        many[[f"{column}_{q}" for q in ("p05", "p50", "p95")]] = 1.0
    axes = plots.reit_price_to_book(Altered(uncertain(), projects=lambda: many))
    assert len(axes.get_yticks()) == 24
    assert f"{len(many) - 24} more projects not shown" in texts(axes)


def test_yields_of_several_reits_are_told_apart():
    table = uncertain().reits_by_year()
    both = table.assign(reit="other")
    run_of_two = Altered(uncertain(), reits_by_year=lambda: pd.concat([table, both]))
    axes = plots.reit_yield(run_of_two)
    assert {"The park's REIT", "other"} <= set(texts(axes))
    assert len({line.get_color() for line in axes.lines}) == 2
    alone = plots.reit_yield(uncertain())
    median = table[(table["measure"] == "distribution_yield") & table["p50"].notna()]["p50"]
    assert any(
        np.allclose(line.get_ydata(), median) for line in alone.lines if len(line.get_ydata()) == len(median)
    )


@pytest.mark.parametrize("n_times", [1, 60])
def test_sleeves_show_their_correlation_as_points_or_counts(n_times):
    found = uncertain()
    row = found.sleeves().set_index("mother").loc["all"]
    many = Altered(
        found, n_paths=80 * n_times, measure=lambda *names: np.tile(found.measure(*names), n_times)
    )
    axes = plots.property_sleeve(many)
    said = " ".join(texts(axes)).replace("−", "-")
    assert f"correlation {row['correlation']:.2f} ± {row['standard_error']:.2f}" in said
    assert bool(axes.collections) == (n_times > 1)
    shown = plots.property_sleeve(found, mother="mother")
    assert "mother" in texts(shown)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.property_debt(run(5, 200)), "has no property"),
        (lambda: plots.property_coverage(uncertain(), lang="fr"), "no language 'fr'"),
        (lambda: plots.reit_price_to_book(run(5, 200)), "is ever listed"),
        (lambda: plots.reit_yield(run(5, 200)), "no REIT"),
        (
            lambda: plots.property_sleeve(uncertain(), mother="x"),
            "'x' holds no two sleeves; there are all, mother",
        ),
    ],
)
def test_wrong_arguments_say_what_there_is(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()


def test_exits_stack_the_channels_of_property():
    axes = plots.exits_by_channel(uncertain())
    total = sum(bar.get_height() for bar in axes.patches)
    assert total == pytest.approx(uncertain().exits_by_year()["proceeds"].sum())
    assert any(text.startswith("REIT units") for text in texts(axes))


# The report


@pytest.fixture(scope="module", params=["en", "zh"])
def made(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    report.write_report(uncertain(), path, request.param)
    return request.param, path.read_text(encoding="utf-8")


def test_part_on_property_has_tables_figures_and_tiles(made):
    lang, text = made
    part = re.search(r'<section id="property">.*?</section>', text, re.DOTALL)[0]
    assert label("report.property", lang) in part
    for name in ("projects", "property_years", "reits", "holdings", "sleeves"):
        assert f'id="table-{name}"' in part
    for name in FIGURES:
        figure = re.search(rf'id="figure-{name}".*?<figcaption>[^<]+</figcaption>', part, re.DOTALL)
        assert figure is not None, name
    assert part.count('class="tile"') == 4
    assert {"en": "Phase one", "zh": "一期"}[lang] in part
    assert (
        label("interest_of.units", lang, name={"en": "The park's REIT", "zh": "园区公募基金"}[lang]).replace(
            "'", "&#39;"
        )
        in part
    )


def test_figures_of_the_report_are_those_of_the_tables(made):
    _, text = made
    part = re.search(r'<section id="property">.*?</section>', text, re.DOTALL)[0].replace("−", "-")
    row = uncertain().projects().set_index("project").loc["one"]
    assert percent(row["listed"]) in part
    assert multiple(row["price_to_book_p50"]) in part
    assert multiple(np.nanmin(series("coverage"))) in part
    assert f"{uncertain().sleeves()['correlation'][0]:.2f}" in part


def test_tenth_question_is_answered(made):
    lang, text = made
    last = {q: series("recycled_per_original", q)[-1] for q in ("p05", "p50", "p95")}
    said = label("reply.10", lang, **{q: multiple(value) for q, value in last.items()})
    assert said in text
    assert 'href="#property"' in text


def test_without_property_there_is_no_part(tmp_path):
    report.write_report(run(5, 200), tmp_path / "report.html", "en", figures={})
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="property"' not in text
    assert label("reply.10_none", "en") in text


def test_certain_run_leaves_out_what_is_undefined(tmp_path):
    for lang in ("en", "zh"):
        report.write_report(certain(), tmp_path / "report.html", lang)
        text = (tmp_path / "report.html").read_text(encoding="utf-8")
        part = re.search(r'<section id="property">.*?</section>', text, re.DOTALL)[0]
        assert label("tile.recycled", lang) in part
        assert label("tile.correlation", lang) not in part
        shown = re.sub(r"<svg.*?</svg>|<style.*?</style>", "", text, flags=re.DOTALL)
        assert not re.search(r"\bnan\b", shown)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_run_that_keeps_no_series_still_has_its_report(lang, tmp_path):
    found = simulate(scenario(0.1).override({"run.kept_paths": 0}), paths=5, progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = set(figures_of(found))
        report.write_report(found, tmp_path / "report.html", lang)
    assert not drawn & {"property_debt", "property_coverage", "property_recycling", "reit_yield"}
    assert 'id="table-projects"' in (tmp_path / "report.html").read_text(encoding="utf-8")
