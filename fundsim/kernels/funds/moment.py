"""Where the funds pass is: the key of the path, its place in the block, and the period."""

from typing import NamedTuple

import numpy as np


class Moment(NamedTuple):
    """What always travels together through the steps of a period."""

    key: np.uint64  # of the path, under which all streams of its funds are
    b: int  # place in the block
    t: int
