"""Owns the kinds of numbers, dates and names a file may hold, their ranges and how they are written."""

import datetime as dt
import math
import numbers
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fundsim.files.places import hint_on_characters, resolve

_PERCENT = re.compile(r"([-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?))\s*%")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAX_NAME = 100

# Gammas and betas of parameters within these can be drawn (`fundsim.kernels.base.quantiles`).
LEAST_SHAPE, GREATEST_SHAPE = 0.1, 1e5


def _fault(message: str, remedy: str) -> PydanticCustomError:
    # Braces in user text would be read as a template, so the text travels in the context.
    return PydanticCustomError("quantity", "{message}; {remedy}", {"message": message, "remedy": remedy})


def shown(value: Any) -> str:
    """Return a value as it should appear in a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, numbers.Real):
        return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}…'"
    return "a list" if isinstance(value, list | tuple) else "a block"


def decimal(value: float) -> str:
    """Return a rate with at least two decimals: 0.10, 0.125."""
    text = f"{value:.10g}"
    whole, _, digits = text.partition(".")
    return text if "e" in text else f"{whole}.{digits:0<2}"


@dataclass(frozen=True)
class Number:
    """The rule for a number: its unit, its range and whether `8%` may be written for 0.08.

    Parameters
    ----------
    unit : str
        What one stands for.
    low, high : float
        The range; infinite where there is no bound.
    above, below : bool
        Whether the bound itself is excluded.
    percent, integer : bool
        Whether a percentage may be written; whether only whole numbers are taken.
    """

    unit: str
    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    below: bool = False
    percent: bool = False
    integer: bool = False

    @property
    def range(self) -> str:
        """The range in words, such as ``from 0 to 1`` or ``above 0 and at most 1``; empty without bounds."""
        low, high = self._shown(self.low), self._shown(self.high)
        if not (math.isinf(self.low) or math.isinf(self.high) or self.above or self.below):
            return f"from {low} to {high}"
        lower = "" if math.isinf(self.low) else f"{'above' if self.above else 'at least'} {low}"
        upper = "" if math.isinf(self.high) else f"{'below' if self.below else 'at most'} {high}"
        return " and ".join(part for part in (lower, upper) if part)

    def _shown(self, bound: float) -> str:
        return f"{int(bound):,}" if self.integer and math.isfinite(bound) else f"{bound:,.15g}"

    @property
    def kind(self) -> str:
        """What should be written, in words."""
        kind = "a whole number" if self.integer else "a number"
        kind += f" {self.range}" if self.range else ""
        return kind + (", or a percentage such as 8%" if self.percent else "")

    def check(self, value: Any) -> float | int:
        """Return the number, or raise with what is wrong and what would be right."""
        number = self._parse(value)
        if self.integer and number != int(number):
            raise _fault(f"{shown(value)} is not a whole number", f"give {self.kind}")
        too_low = number <= self.low if self.above else number < self.low
        too_high = number >= self.high if self.below else number > self.high
        if too_low:
            bound = f"{'not above' if self.above else 'below'} {self._shown(self.low)}"
            raise _fault(f"{shown(value)} is {bound}", f"give {self.kind}")
        if too_high:
            bound = f"{'not below' if self.below else 'above'} {self._shown(self.high)}"
            raise _fault(f"{shown(value)} is {bound}", self._remedy(value, number))
        return int(number) if self.integer else float(number)

    def _remedy(self, value: Any, number: float) -> str:
        if self.percent and not isinstance(value, str) and number / 100 <= self.high:
            return (
                f"give a number {self.range}; {number:g} per cent is written {number:g}% or {number / 100:g}"
            )
        return f"give {self.kind}"

    def _parse(self, value: Any) -> float | int:
        if isinstance(value, str):
            value = self._parse_text(value)
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise _fault(f"{shown(value)} is not a number", f"give {self.kind}")
        if not math.isfinite(value):
            raise _fault(f"{value} is not a finite number", f"give {self.kind}")
        return int(value) if isinstance(value, numbers.Integral) else float(value)

    def _parse_text(self, text: str) -> float:
        percent = _PERCENT.fullmatch(text.strip())
        if percent and self.percent:
            # Decimal shift through the text keeps 6% equal to 0.06 bit for bit.
            return float(f"{percent[1]}e-2")
        if percent:
            raise _fault(f"'{text}' is a percentage, but this is in {self.unit}", f"give {self.kind}")
        hint = hint_on_characters(text)
        if not hint and isinstance(_resolved(text), int | float) and not isinstance(_resolved(text), bool):
            hint = "write it without quotes"
        raise _fault(
            f"{shown(text)} is not a number", hint or f"give {self.kind}, without a unit ({self.unit})"
        )

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.check, serialization=core_schema.plain_serializer_function_ser_schema(lambda number: number)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "integer" if self.integer else "number"}
        if not math.isinf(self.low):
            number["exclusiveMinimum" if self.above else "minimum"] = self.low
        if not math.isinf(self.high):
            number["exclusiveMaximum" if self.below else "maximum"] = self.high
        if not self.percent:
            return number
        return {"anyOf": [number, {"type": "string", "pattern": r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*%$"}]}


def _resolved(text: str) -> Any:
    try:
        return resolve(text)
    except ValueError:
        return text


@dataclass(frozen=True)
class _IsoDate:
    """The rule for a date."""

    wanted: ClassVar[str] = "a date, such as 2023-01-01"

    def check(self, value: Any) -> dt.date:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
            raise _fault(f"{shown(value)} is not a date", "give year-month-day, such as 2023-01-01")
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise _fault(
                f"the calendar has no {value}", "give a date that exists, such as 2023-01-01"
            ) from None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.check,
            serialization=core_schema.plain_serializer_function_ser_schema(
                dt.date.isoformat, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


@dataclass(frozen=True)
class _Text:
    """The rule for a name or a text."""

    max_length: int
    wanted: ClassVar[str] = "a text"

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            remedy = "quote it" if value is not None and not isinstance(value, dict | list) else "give a text"
            raise _fault(f"{shown(value)} is not text", remedy)
        if not value.strip():
            raise _fault("the text is empty", "give a text")
        if (value != value.strip() or not value.isprintable()) and self.max_length <= _MAX_NAME:
            raise _fault(f"{value!r} has spaces around it or characters that cannot be seen", "delete them")
        if len(value) > self.max_length:
            raise _fault(f"the text has {len(value)} characters", f"give at most {self.max_length}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.check, serialization=core_schema.plain_serializer_function_ser_schema(lambda text: text)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.max_length}


Name = Annotated[str, _Text(_MAX_NAME)]
Text = Annotated[str, _Text(2000)]
Flag = Annotated[bool, Strict()]
Date = Annotated[dt.date, _IsoDate()]

Share = Annotated[float, Number("decimal", 0, 1, percent=True)]
PositiveShare = Annotated[float, Number("decimal", 0, 1, above=True, percent=True)]
ShareBelowOne = Annotated[float, Number("decimal", 0, 1, below=True, percent=True)]
Correlation = Annotated[float, Number("decimal", -1, 1, percent=True)]
Rate = Annotated[float, Number("decimal a year", 0, 1, percent=True)]
Growth = Annotated[float, Number("decimal a year", -1, 3, above=True, percent=True)]
Volatility = Annotated[float, Number("decimal a year", 0, 5, percent=True)]
Hazard = Annotated[float, Number("events a year", 0, 100)]
Money = Annotated[float, Number("currency units", 0, 1e15)]
PositiveMoney = Annotated[float, Number("currency units", 0, 1e15, above=True)]
Years = Annotated[float, Number("years", 0, 100)]
PositiveYears = Annotated[float, Number("years", 0, 100, above=True)]
PositiveDays = Annotated[float, Number("days", 0, 3660, above=True)]
Multiple = Annotated[float, Number("multiple", 0, 1000)]
PositiveFactor = Annotated[float, Number("factor", 0, 1e6, above=True)]
Factor = Annotated[float, Number("factor", 0, 1e6)]
Coefficient = Annotated[float, Number("coefficient", -100, 100)]
Shape = Annotated[float, Number("factor", LEAST_SHAPE, GREATEST_SHAPE)]
LogSd = Annotated[float, Number("log units", 0, 5)]
PositiveCount = Annotated[int, Number("count", 1, 1_000_000, integer=True)]
