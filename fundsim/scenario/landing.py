"""Owns landing: investment in the park that a vehicle owes for the guidance money paid in (7.0 c, 8.9)."""

from collections.abc import Iterator

from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, ascending
from fundsim.files.quantities import Factor, PositiveYears
from fundsim.vocabulary import Instrument
from fundsim.words import label
from fundsim.words.numbers import multiple


class Checkpoint(Part):
    """A date at which landing is tested (7.0 c)."""

    at_years: PositiveYears
    """Date after the vehicle's start; years."""
    landing_multiple: Factor
    """Credited investment in the park over guidance money paid in; multiple."""


class Landing(Part):
    """What is asked at the end, and on the way."""

    landing_multiple: Factor | None = known(None, "no landing term")
    """Credited investment in the park over guidance money paid in, tested at the end; multiple."""
    checkpoints: tuple[Checkpoint, ...] = known(())
    """Tests on the way that stop new deals if missed; list."""

    def faults(self) -> Iterator[Fault]:
        yield from ascending(self, "checkpoints", "at_years", "checkpoint")


def landing_phrases(landing: Landing, lang: str) -> Iterator[str]:
    """The multiple, and its checkpoints, in words."""
    name = label(Instrument.LANDING.label_key, lang)
    if landing.landing_multiple is not None:
        yield label("describe.landing", lang, instrument=name, multiple=multiple(landing.landing_multiple))
    for checkpoint in landing.checkpoints:
        words = {"instrument": name, "multiple": multiple(checkpoint.landing_multiple)}
        yield label("describe.checkpoint", lang, years=checkpoint.at_years, **words)
