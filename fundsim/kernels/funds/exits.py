"""The exits table: how a line is appended to it, and what is later added to a line."""

from fundsim.kernels.base.jit import kernel

LINES_EACH = 3
"""Room for exits of a deal or a holding: a buyback in part, a sell-down and a term sale; an offering, units
and a term sale. A term that sells more often loses lines, which the audit tells.
"""


@kernel(allocates=False, is_inner=True)
def append_exit(deal, channel, b, t, cost, proceeds, out):
    """A new line; returns its number, or −1 where the table is full: the line is then counted as lost.

    Holdings are numbered behind the planned deals.
    """
    path = out.paths[b]
    n = path["n_exits"]
    if n >= out.exits.shape[1]:
        path["n_lost_exits"] += 1
        return -1
    line = out.exits[b, n]
    line["deal"], line["channel"], line["period"] = deal, channel, t
    line["cost"], line["proceeds"] = cost, proceeds
    path["n_exits"] = n + 1
    return n


@kernel(allocates=False, is_inner=True)
def add_to_exit(line, deal, channel, b, t, cost, proceeds, out):
    """Add a sale to the line of those before it, or to a new one if ``line`` is −1; returns its number."""
    if line < 0:
        return append_exit(deal, channel, b, t, cost, proceeds, out)
    sales = out.exits[b, line]
    sales["period"] = t
    sales["cost"] += cost
    sales["proceeds"] += proceeds
    return line
