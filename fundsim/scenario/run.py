"""Owns the frame of a scenario: words in two languages, currency, exchange rates and run settings."""

from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from fundsim.files.evidence import known
from fundsim.files.part import Part
from fundsim.files.quantities import Flag, Name, Number, PositiveCount, PositiveFactor, Text

Paths = Annotated[int, Number("count", 1, 10_000_000, integer=True)]
CurrencyUnit = Annotated[float, Number("units of currency", 0, 1e15, above=True)]
KeptPaths = Annotated[int, Number("count", 0, 10_000_000, integer=True)]
StandardError = Annotated[float, Number("units of the measure", 0, 1e6, above=True, percent=True)]
Seed = Annotated[int, Number("count", 0, 2**63 - 1, integer=True)]


class Words(Part):
    """A text in Chinese and English; a bare text stands for both."""

    zh: Text | None = known(None, "the English text, else the name, is shown")
    """Chinese; text."""
    en: Text | None = known(None, "the Chinese text, else the name, is shown")
    """English; text."""

    @model_validator(mode="before")
    @classmethod
    def _accept_bare(cls, value: Any) -> Any:
        return {"zh": value, "en": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        block = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"type": "string"}, dict(block)], "description": block["description"]}

    def in_language(self, language: str) -> str | None:
        """The text in ``zh`` or ``en``, or in the other language where that one is missing."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


class Currency(Part):
    """What amounts are counted in."""

    code: Name = known("CNY", "the documents count in renminbi", "seed")
    """Code of the currency; name."""
    unit: CurrencyUnit = known(1e8, "the documents count in 亿元, a hundred million yuan", "seed")
    """How much of the currency one unit of an amount is; units of currency."""


class ExchangeRate(Part):
    """The value of another currency, held fixed."""

    currency: Name
    """Code of the other currency; name."""
    rate: PositiveFactor
    """Units of the scenario's currency (not its unit of amounts) for one unit of the other; factor."""


class Run(Part):
    """How the simulation is carried out; results do not depend on threads."""

    paths: Paths = known(10_000, "a standard error near 1 % of a standard deviation")
    """Number of simulated paths, the most if a precision is given; count."""
    precision: dict[Name, StandardError | None] = known(dict, "all paths are simulated")
    """Standard errors of means to stop at, keys like mother/net_irr; null for none; unit of the quantity."""
    seed: Seed = known(0, "any number serves; the same seed gives the same bits")
    """Seed of all random numbers; count."""
    antithetic: Flag = known(False, "paths are independent")
    """Whether pairs of paths mirror market, closings and property, for smaller errors; true or false."""
    control_variates: Flag = known(False, "means are those of the paths")
    """Whether means are corrected by what market and property did against expectation; true or false."""
    kept_paths: KeptPaths = known(10_000, "fans and quantiles by year stay below a few gigabytes")
    """Number of first paths whose series by period are kept; count."""
    threads: PositiveCount | None = known(None, "all cores")
    """Threads, all cores if null; count."""

    @property
    def variance_reductions(self) -> list[str]:
        """The fields by which standard errors are made smaller, of those that are on."""
        return [name for name in ("antithetic", "control_variates") if getattr(self, name)]
