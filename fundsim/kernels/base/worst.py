"""The worst error that an audit has seen, by check."""

import math

from fundsim.kernels.base.jit import kernel


@kernel(allocates=False, is_inner=True)
def raise_to(worst, check, error):
    """Keep the larger error; what is not a number is infinitely wrong."""
    if not error <= worst[check]:
        worst[check] = math.inf if math.isnan(error) else error
