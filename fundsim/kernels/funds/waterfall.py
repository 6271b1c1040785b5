"""What a class and the general partner get of a vehicle's money: waterfall and clawback (7.4)."""

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.waterfall import accrue, distribute, entitled_carry
from fundsim.vocabulary import Style


@kernel(allocates=False, is_inner=True)
def through_waterfall(own, vehicle, class_terms, investor_class, amount, released):
    """The link of the waterfall: what the class and the partner get of proceeds and released cash (7.4)."""
    accrual = accrue(
        investor_class["capital"], investor_class["preferred"], own["hurdle_period"], own["compounding"]
    )
    investor_class["preferred"] += accrual
    investor_class["accrued"] += accrual
    if class_terms["pays_carry"] == 0:
        return amount + released, 0.0
    if own["style"] == Style.DEAL_BY_DEAL:
        carry = share_of_deals(own, vehicle, investor_class, amount, released)
        return amount - carry + released, carry
    amount += released
    carry, investor_class["capital"], investor_class["preferred"], investor_class["profit"], _ = distribute(
        amount,
        investor_class["capital"],
        investor_class["preferred"],
        investor_class["profit"],
        investor_class["carry_paid"],
        own["carry_rate"],
        own["catch_up_rate"],
    )
    return amount - carry, carry


@kernel(allocates=False, is_inner=True)
def share_of_deals(own, vehicle, investor_class, amount, released):
    """Carry on realised positions; released cash is no profit of a deal (7.4)."""
    enter_realised(own, vehicle, investor_class)
    (
        carry,
        investor_class["pool_capital"],
        investor_class["pool_preferred"],
        investor_class["pool_profit"],
        _,
    ) = distribute(
        amount,
        investor_class["pool_capital"],
        investor_class["pool_preferred"],
        investor_class["pool_profit"],
        investor_class["carry_paid"],
        own["carry_rate"],
        own["catch_up_rate"],
    )
    repaid = min(amount + released, investor_class["capital"])
    investor_class["capital"] -= repaid
    investor_class["preferred"] -= min(amount + released - repaid, investor_class["preferred"])
    return carry


@kernel(allocates=False, is_inner=True)
def enter_realised(own, vehicle, investor_class):
    """Accrue the realised pool and the fees not yet allocated, and
    let this period's realised positions in (7.4).
    """
    rate, compounding = own["hurdle_period"], own["compounding"]
    investor_class["pool_preferred"] += accrue(
        investor_class["pool_capital"], investor_class["pool_preferred"], rate, compounding
    )
    investor_class["fees_preferred"] += accrue(
        investor_class["fees_unallocated"], investor_class["fees_preferred"], rate, compounding
    )
    moved = 1.0 - vehicle["realised_keep"]
    capital, preferred = moved * investor_class["fees_unallocated"], moved * investor_class["fees_preferred"]
    investor_class["pool_capital"] += investor_class["weight"] * vehicle["realised_cost"] + capital
    investor_class["pool_preferred"] += investor_class["weight"] * vehicle["realised_preferred"] + preferred
    investor_class["fees_unallocated"] -= capital
    investor_class["fees_preferred"] -= preferred


@kernel(allocates=False, is_inner=True)
def take_back(own, class_terms, investor_class, paid, carry):
    """The clawback at the vehicle's end: carry paid beyond the
    European entitlement goes back to the class (7.4).
    """
    if class_terms["pays_carry"] == 0:
        return paid, carry
    taken = investor_class["distributed"] + investor_class["carry_paid"] + paid + carry
    profit = taken - investor_class["paid_in"]
    entitled = entitled_carry(profit, investor_class["accrued"], own["carry_rate"], own["catch_up_rate"])
    clawback = max(0.0, investor_class["carry_paid"] + carry - entitled)
    return paid + clawback, carry - clawback
