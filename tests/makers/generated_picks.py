"""What every generator of scenarios draws: one of some values,
in absurd scenarios now and then a wild one.
"""

import numpy as np


class Picks:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.is_absurd = self.chance(0.3)

    def pick(self, *values):
        return values[int(self.rng.integers(len(values)))]

    def extreme(self, usual, absurd):
        """One of the usual values, or in an absurd scenario now and then one of the absurd ones."""
        return self.pick(*absurd) if self.is_absurd and self.chance(0.3) else self.pick(*usual)

    def chance(self, probability):
        return bool(self.rng.random() < probability)
