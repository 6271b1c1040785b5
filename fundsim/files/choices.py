"""Owns the choices of a field that are members of a vocabulary, written as their words."""

from collections.abc import Iterable
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from fundsim.vocabulary import Word


class Choice:
    """The rule for a word of a vocabulary; type checkers cannot read a `Literal` that is computed.

    Parameters
    ----------
    members : iterable of Word
        The vocabulary, or those of its members that may be written.

    Examples
    --------
    >>> from fundsim.vocabulary import Style
    >>> Choice(Style).words
    ('european', 'deal_by_deal')
    """

    __slots__ = ("words",)

    def __init__(self, members: Iterable[Word]) -> None:
        self.words = tuple(member.word for member in members)

    @property
    def wanted(self) -> str:
        """What should be written, in words."""
        return f"one of {', '.join(self.words)}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.words))
