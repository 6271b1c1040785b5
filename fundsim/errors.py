"""Owns the exceptions and warnings that fundsim raises, and how a problem in a user's input is worded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = [
    "ArgumentError",
    "FundsimError",
    "FundsimWarning",
    "Place",
    "Problem",
    "ResourceError",
    "RunError",
    "ScenarioError",
    "WorkerError",
]


class FundsimError(Exception):
    """Base class of every error that fundsim raises on purpose;
    the command line shows it without a traceback.

    Examples
    --------
    >>> issubclass(fs.errors.ScenarioError, fs.errors.FundsimError)
    True
    """

    exit_code = 2


class ArgumentError(FundsimError, ValueError):
    """An argument of a public function is outside its range or has the wrong shape.

    Examples
    --------
    >>> fs.measures.irr([float("nan"), 1.0])
    Traceback (most recent call last):
        ...
    fundsim.errors.ArgumentError: net_cash_flows[0] is nan; it must be finite
    """


class RunError(FundsimError):
    """A run could not be finished: an audit failed, a disk was full, a run folder is another run's.

    Examples
    --------
    >>> fs.load_results("no such folder")
    Traceback (most recent call last):
        ...
    fundsim.errors.RunError: no such folder holds no run; give the folder that 'fundsim run' wrote
    """

    exit_code = 1


class _ToldInLanguages(FundsimError):
    """An error whose text stands in every language.

    Parameters
    ----------
    told : mapping of str to str
        What is wrong and what would be right, by language.
    """

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = dict(told)
        super().__init__(self._told)

    def __str__(self) -> str:
        return self._told["en"]

    def in_language(self, lang: str) -> str:
        """What is told, in a language."""
        return self._told[lang]


class ResourceError(_ToldInLanguages):
    """A run needs more memory or disk than there is, so it was not begun; ``force`` runs it all the same.

    Parameters
    ----------
    told : mapping of str to str
        What is needed, what there is and how much would fit, by language.

    Examples
    --------
    >>> refusal = fs.errors.ResourceError({"en": "lower run.paths", "zh": "请降低 run.paths"})
    >>> str(refusal), refusal.in_language("zh")
    ('lower run.paths', '请降低 run.paths')
    """


class WorkerError(_ToldInLanguages, RunError):
    """What computes a run elsewhere is gone, or would give other numbers; finished blocks are kept.

    Parameters
    ----------
    told : mapping of str to str
        Which worker it is and what is wrong with it, by language.

    Examples
    --------
    >>> lost = fs.errors.WorkerError({"en": "the scheduler is lost", "zh": "与调度器失去联系"})
    >>> lost.exit_code
    1
    """

    exit_code = RunError.exit_code


class FundsimWarning(UserWarning):
    """Something is allowed but probably not meant.

    Examples
    --------
    >>> issubclass(fs.errors.FundsimWarning, UserWarning)
    True
    """


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written.

    Parameters
    ----------
    source : str
        The file as the user named it, or the option (``--set vehicles.mother.terms.fee_rate``).
    line, column : int
        Both count from 1; 0 where the source has no lines.

    Examples
    --------
    >>> str(fs.errors.Place("mine.yaml", 3, 7))
    'mine.yaml:3:7'
    """

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in an input.

    Parameters
    ----------
    place : Place or None
        Where it was written; None for scenarios built in Python.
    path : str
        The field, such as ``vehicles[2] "VC II" terms.catch_up_rate``; empty for the file as a whole.
    message : str
        What is wrong.
    remedy : str
        What would be right; may be empty.

    Examples
    --------
    >>> place = fs.errors.Place("mine.yaml", 3, 7)
    >>> print(fs.errors.Problem(place, "horizon_years", "-1 is below 0", "give a number of years"))
    mine.yaml:3:7: horizon_years | -1 is below 0; give a number of years
    """

    place: Place | None
    path: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        path = f"{self.path} | " if self.path else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{place}{path}{self.message}{remedy}"

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Sorting key: file, line, column, path."""
        if self.place is None:
            return ("", 0, 0, self.path)
        return (self.place.source, self.place.line, self.place.column, self.path)


class ScenarioError(FundsimError):
    """A scenario cannot be used; ``problems`` lists everything that is wrong with it, by file and line.

    Examples
    --------
    >>> try:
    ...     scenario.override({"horizon_years": 0, "periods_per_year": 5})
    ... except fs.errors.ScenarioError as error:
    ...     [problem.path for problem in error.problems]
    ['horizon_years', 'periods_per_year']
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = sorted(problems, key=lambda problem: problem.order)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type, tuple[list[Problem]]]:
        return (type(self), (self.problems,))
