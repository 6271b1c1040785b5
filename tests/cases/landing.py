"""Landing by hand: a fund of 100 buys for 30 after half a year, is tested after one, and would buy for 30
again after one and a half (7.0 c).
"""

from tests.makers.plain_scenarios import fund, plain

N_PERIODS = 16
IN_FULL = {1: 30.0, 5: 30.0}
"""What is called to buy, by quarter, where nothing stops the fund."""
STOPPED = {1: 30.0}
MOVES_NO_MONEY = (
    "it stops deals that would have been made, and the audit holds what is paid for those that are"
)


def scenario(obligations, **fields):
    """Nothing lands by itself: there is no park, and the company bought is an outside one."""
    buyer = fund(
        deals=2,
        ticket=30.0,
        mandate={"over_years": 2.0},
        investors=[{"name": "city", "kind": "fiscal", "commitment": 100.0}],
        **fields,
    )
    if obligations is not None:
        buyer["obligations"] = obligations
    return plain([buyer], years=N_PERIODS / 4)


def tested(multiple):
    """A landing term whose checkpoint asks for a multiple of what has been paid in."""
    return {"landing_multiple": multiple, "checkpoints": [{"at_years": 1, "landing_multiple": multiple}]}


WITH_IT = scenario(tested(0.5))
NEUTRAL = scenario(tested(0))
WITHOUT_IT = scenario(None)

RELOCATION = {"probability": 1, "cost": 0}
CASES = {
    "nothing is credited of the 15 owed": (WITH_IT, STOPPED),
    "nothing is owed": (NEUTRAL, IN_FULL),
    "nothing is asked": (WITHOUT_IT, IN_FULL),
    "all of the 30 is credited, and 15 is owed": (scenario(tested(0.5), relocation=RELOCATION), IN_FULL),
    "30 is credited, and 30 is owed": (scenario(tested(1.0), relocation=RELOCATION), IN_FULL),
    "30 is credited, and 33 is owed": (scenario(tested(1.1), relocation=RELOCATION), STOPPED),
}
"""Content of a scenario, and what is called."""
