"""Where the funds pass is: the path of the block, its number in the run, and the period."""

from typing import NamedTuple


class Moment(NamedTuple):
    """What always travels together through the steps of a period."""

    path: int  # number in the run
    b: int  # place in the block
    t: int
