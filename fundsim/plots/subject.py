"""Owns what a figure is about: names of vehicles and investors as shown, units, years of the calendar."""

import numpy as np

from fundsim.errors import ArgumentError
from fundsim.results import Results
from fundsim.vocabulary import ALL
from fundsim.words import LANGUAGES, label, unit_label
from fundsim.words.numbers import title


def check_subject(results: Results, vehicle: str, investor: str, lang: str) -> None:
    """Raise ArgumentError unless the run has the vehicle, the
    vehicle the investor, and fundsim the language.
    """
    check_language(lang)
    if vehicle not in results.vehicles:
        raise ArgumentError(
            f"no vehicle {vehicle!r}; there are {', '.join(map(repr, results.vehicles[:20]))}"
        )
    if investor not in results.investors(vehicle):
        listed = ", ".join(map(repr, results.investors(vehicle)))
        raise ArgumentError(f"{vehicle!r} has no investor {investor!r}; there are {listed}")


def check_language(lang: str) -> None:
    """Raise ArgumentError unless fundsim has words in the language."""
    if lang not in LANGUAGES:
        raise ArgumentError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}")


def vehicle_title(results: Results, vehicle: str, lang: str) -> str:
    """The title of a vehicle."""
    return title(results.scenario.vehicle(vehicle), lang)


def investor_title(results: Results, investor: str, lang: str) -> str:
    """The title of an investor: of a vehicle its title, of others the name."""
    if investor == ALL:
        return label("investor.all", lang)
    return results.scenario.title_of(investor, lang)


def subject(results: Results, vehicle: str, investor: str, lang: str) -> str:
    """Vehicle and, unless it is all of them, investor."""
    name = vehicle_title(results, vehicle, lang)
    if investor == ALL:
        return name
    return label("figure.subject", lang, vehicle=name, investor=investor_title(results, investor, lang))


def unit(results: Results, lang: str) -> str:
    """The unit of amounts."""
    currency = results.scenario.currency
    return unit_label(currency.code, currency.unit, lang)


def year_numbers(results: Results) -> np.ndarray:
    """Years since the start, from 1; a part of a year counts. From
    the scenario, as stored runs have no dates.
    """
    return np.arange(1, int(year_of_periods(results)[-1]) + 2)


def year_names(results: Results) -> list[str]:
    """The scenario's years as shown: 2023, or 23/24 where they do
    not start with January; a part of a year counts.
    """
    start = results.scenario.start
    first = [start.year + n for n in range(len(year_numbers(results)))]
    if start.month == 1:
        return [str(year) for year in first]
    return [f"{year % 100:02d}/{(year + 1) % 100:02d}" for year in first]


def year_of_periods(results: Results) -> np.ndarray:
    """0-based year of each period, shape (T,)."""
    return np.arange(results.scenario.horizon_periods) // results.scenario.periods_per_year
