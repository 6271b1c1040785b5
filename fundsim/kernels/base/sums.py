"""Sums of flows over paths, for means and their standard errors (§9)."""

from fundsim.kernels.base.jit import kernel


@kernel(allocates=False, is_inner=True)
def add(sums, squares, flow, row, t, amount):
    """Add an amount and its square."""
    sums[flow, row, t] += amount
    squares[flow, row, t] += amount * amount


@kernel(allocates=False, is_entry=True)
def add_flows(class_flows, class_nav, vehicle_flows, row_classes, share, group, sums, squares):
    """Add a block's flows by investor row and vehicle to running sums and sums of squares, group after group.

    Parameters
    ----------
    class_flows : (B, 2, C, T); class_nav : (B, C, T+1); vehicle_flows : (B, ≥2, V, T)
        Carry and fee are the first two flows of vehicles.
    row_classes : (rows, 3) int64
        First and last class of each row (investor rows, then vehicles), and its vehicle, −1 for investor
        rows.
    share : (B or 1, investor rows)
        Of the row in its class.
    group : int
        Paths whose flows are added before they are squared: 1, or 2 of mirrored pairs.
    sums, squares : (7, rows, T)
        Contribution, distribution, net cash flow, cumulative net, NAV, carry, fee; raised.
    """
    n_paths = class_flows.shape[0]
    for first in range(0, n_paths, group):
        last = min(first + group, n_paths)
        for row in range(row_classes.shape[0]):
            v = row_classes[row, 2]
            cumulative = 0.0
            for t in range(class_flows.shape[3]):
                paid, back, nav = 0.0, 0.0, 0.0
                for b in range(first, last):
                    part = 1.0 if v >= 0 else share[b if share.shape[0] > 1 else 0, row]
                    for c in range(row_classes[row, 0], row_classes[row, 1]):
                        paid += class_flows[b, 0, c, t] * part
                        back += class_flows[b, 1, c, t] * part
                        nav += class_nav[b, c, t + 1] * part
                cumulative += back - paid
                add(sums, squares, 0, row, t, paid)
                add(sums, squares, 1, row, t, back)
                add(sums, squares, 2, row, t, back - paid)
                add(sums, squares, 3, row, t, cumulative)
                add(sums, squares, 4, row, t, nav)
                if v < 0:
                    continue
                for k in range(2):
                    amount = 0.0
                    for b in range(first, last):
                        amount += vehicle_flows[b, k, v, t]
                    add(sums, squares, 5 + k, row, t, amount)
