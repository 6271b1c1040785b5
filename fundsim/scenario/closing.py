"""Owns closing: what share of the planned commitments is raised and paid in."""

from fundsim.files.evidence import known
from fundsim.files.part import Part
from fundsim.files.quantities import Correlation, Share
from fundsim.scenario.distributions import Beta


class Closing(Part):
    """Closing of all vehicles; without the block everything closes in full (2)."""

    raised_share: Beta = known(lambda: Beta(mean=1.0), "closes in full")
    """Share of their planned commitments that social investors raise (2.1); decimal."""
    correlation: Correlation = known(0.0)
    """Correlation of the raised share with the market in the year after the start (2.1); decimal."""
    minimum_close: Share = known(0.0)
    """Share of its planned size below which a vehicle does not start (2.1); decimal."""
    paid_in_rate: Beta = known(lambda: Beta(mean=1.0), "honours every call")
    """Share of every call that social investors honour (2.3); decimal."""


class VehicleClosing(Part):
    """Closing of one vehicle; what is null follows the scenario's closing block."""

    raised_share: Beta | None = known(None, "as in the closing block")
    """Share of their planned commitments that social investors raise (2.1); decimal."""
    correlation: Correlation | None = known(None, "as in the closing block")
    """Correlation of the raised share with the market in the year after the start (2.1); decimal."""
    minimum_close: Share | None = known(None, "as in the closing block")
    """Share of its planned size below which the vehicle does not start (2.1); decimal."""
    paid_in_rate: Beta | None = known(None, "as in the closing block")
    """Share of every call that social investors honour (2.3); decimal."""
