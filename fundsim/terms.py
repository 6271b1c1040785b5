"""Owns the terms of a waterfall and the rules they obey."""

from dataclasses import dataclass

from fundsim.arguments import choice, number
from fundsim.errors import ArgumentError

STYLES = ("european", "deal_by_deal")
COMPOUNDINGS = ("compound", "simple")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    How distributions are shared between limited partners and the general partner (7.4).

    Parameters
    ----------
    style : {"european", "deal_by_deal"}
        Whether all contributed capital comes back first, or that of realised deals.
    hurdle_rate : float
        Preferred return; decimal a year, at least 0.
    hurdle_compounding : {"compound", "simple"}
        Whether the preferred return accrues on capital and unpaid preferred return, or on capital alone.
    catch_up_rate : float
        Share of the catch-up tier that goes to the general partner: 0 for no catch-up (a hard hurdle), or
        above
        `carry_rate` and at most 1, as below it the catch-up never completes.
    carry_rate : float
        Share of profit that goes to the general partner; decimal, at least 0 and below 1.

    Raises
    ------
    ArgumentError
        If a term is out of its range; the message has the number seen and the range wanted.

    Examples
    --------
    >>> fs.waterfall.Terms(hurdle_rate=0.08, catch_up_rate=1.0).carry_rate
    0.2
    >>> fs.waterfall.Terms(carry_rate=1.5)
    Traceback (most recent call last):
        ...
    fundsim.errors.ArgumentError: carry_rate is 1.5; give a number at least 0 and below 1
    """

    style: str = "european"
    hurdle_rate: float = 0.0
    hurdle_compounding: str = "compound"
    catch_up_rate: float = 0.0
    carry_rate: float = 0.20

    def __post_init__(self) -> None:
        choice("style", self.style, STYLES)
        choice("hurdle_compounding", self.hurdle_compounding, COMPOUNDINGS)
        carry = number("carry_rate", self.carry_rate, 0.0, 1.0, open_high=True)
        object.__setattr__(self, "carry_rate", carry)
        object.__setattr__(self, "hurdle_rate", number("hurdle_rate", self.hurdle_rate, 0.0))
        object.__setattr__(self, "catch_up_rate", number("catch_up_rate", self.catch_up_rate, 0.0, 1.0))
        problem = catch_up_problem(self.catch_up_rate, carry)
        if problem:
            raise ArgumentError(problem)


def catch_up_problem(catch_up_rate: float, carry_rate: float) -> str:
    """What is wrong with a catch-up rate beside a carry rate; empty if nothing is."""
    if catch_up_rate == 0.0 or catch_up_rate > carry_rate:
        return ""
    return (
        f"catch_up_rate {catch_up_rate:g} is not above carry_rate {carry_rate:g}, so catch-up never "
        f"completes; "
        f"give 0 or a value above {carry_rate:g}, up to 1"
    )
