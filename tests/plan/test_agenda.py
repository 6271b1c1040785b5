"""What is dated stands in the order in which the funds pass does it, and is found by period and step."""

from fundsim.plan.agenda import Dated, agenda_of
from fundsim.vocabulary import AgendaKind, Step
from tests.makers.plain_scenarios import fund, plain
from tests.plan.test_plan import plan_of

START, CHECKPOINT, DEAL = AgendaKind.START, AgendaKind.CHECKPOINT, AgendaKind.DEAL
RECYCLING, TERM = AgendaKind.RECYCLING_END, AgendaKind.TERM_END
EXTENSION, TAIL, INVESTMENT = AgendaKind.EXTENSION_END, AgendaKind.TAIL_END, AgendaKind.INVESTMENT_END


def due(agenda, period, step):
    """(vehicle, kind, item) of what is due."""
    first, last = agenda.first_due[period, step], agenda.first_due[period, step + 1]
    return agenda.items[["vehicle", "kind", "item"]][first:last].tolist()


def test_items_are_sorted_by_period_step_vehicle_and_item():
    dated = [Dated(1, 0, CHECKPOINT, 1), Dated(1, 1, START), Dated(1, 0, CHECKPOINT, 0), Dated(0, 0, START)]
    agenda = agenda_of(dated, [1, 0], 3)
    assert due(agenda, 0, Step.OPEN) == [(0, START, 0)]
    assert due(agenda, 1, Step.OPEN) == [(1, START, 0)]
    assert due(agenda, 1, Step.CHECK) == [(0, CHECKPOINT, 0), (0, CHECKPOINT, 1)]
    assert due(agenda, 1, Step.SETTLE) == due(agenda, 2, Step.OPEN) == []
    assert agenda.first_due.shape == (3, len(Step) + 1)


def test_what_is_before_the_start_or_behind_the_horizon_is_never_due():
    agenda = agenda_of([Dated(t, v, START) for v, t in enumerate([7, 2, -4])], range(3), 3)
    assert agenda.items["period"].tolist() == [-4, 2, 7]
    found = [(t, *one) for t in range(3) for step in Step for one in due(agenda, t, step)]
    assert found == [(2, 1, START, 0)]


def test_a_scenario_without_vehicles_has_an_empty_agenda():
    agenda = agenda_of([], [], 2)
    assert agenda.items.size == 0
    assert not agenda.first_due.any()


def test_the_plan_dates_starts_checkpoints_and_ends():
    points = [{"at_years": 1, "landing_multiple": 0.5}, {"at_years": 2.1, "landing_multiple": 1}]
    terms = {"term_years": 4, "extension_years": 1, "recycling": {"until_years": 1.5, "cap": 0.5}}
    late = fund("late", terms=terms, obligations={"checkpoints": points}) | {"start": "2021-07-01"}
    content = plain([fund("early"), late], years=5.0, periods_per_year=4)
    plan = plan_of(content | {"start": "2021-01-01"})
    items = plan.fund_plan.agenda.items
    deals = items[items["kind"] == DEAL]
    assert sorted(zip(deals["period"], deals["vehicle"], deals["item"], strict=True)) == sorted(
        (deal["period"], deal["vehicle"], slot) for slot, deal in enumerate(plan.funds.deals)
    )
    items = items[items["kind"] != DEAL]
    assert items[["period", "vehicle", "kind", "item"]].tolist() == [
        (0, 0, START, 0), (0, 0, RECYCLING, 0), (0, 0, INVESTMENT, 0),
        (2, 1, START, 0), (2, 1, INVESTMENT, 0),
        (5, 1, CHECKPOINT, 0),
        (8, 1, RECYCLING, 0),
        (10, 1, CHECKPOINT, 1),
        (17, 1, TERM, 0),
        (21, 1, EXTENSION, 0), (21, 1, TAIL, 0),
        (39, 0, TERM, 0), (39, 0, EXTENSION, 0), (39, 0, TAIL, 0),
    ]  # fmt: skip
    checkpoints = plan.fund_plan.instruments.landing.checkpoints
    assert checkpoints.tolist() == [(1, 5, 0.5), (1, 10, 1.0)]
