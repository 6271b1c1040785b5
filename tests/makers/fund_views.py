"""What the funds pass wrote, each array under the plain name that its twin gives it."""

from types import SimpleNamespace

from fundsim.vocabulary import ClassFlow, VehicleFlow, VehicleStock


def fund_views(block):
    """Flows and stocks by their words; fields of deals, exits and holdings say what they are of."""
    named = {"nav": block.class_nav, "sold_period": block.sold_period}
    named |= {flow.word: block.class_flows[:, flow] for flow in ClassFlow}
    named |= {flow.word: block.vehicle_flows[:, flow] for flow in VehicleFlow}
    named |= {stock.word: block.vehicle_stocks[:, stock] for stock in VehicleStock}
    records = {"": block.vehicles, "deal_": block.deals, "exit_": block.exits, "holding_": block.shares}
    for prefix, array in [*records.items(), ("", block.paths)]:
        named |= {f"{prefix}{field}": array[field] for field in array.dtype.names}
    return SimpleNamespace(**named)
