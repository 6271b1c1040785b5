"""Every label is used, and every label that the package asks for exists; what is wrong is said by name.

A key stands in the package as a whole, or as a pattern whose blank is filled with words of the vocabulary,
with the choices of a field, or with names that stand in the modules listed here.
"""

import ast
import re
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

import fundsim
import fundsim.results.results  # declares tables
from fundsim import vocabulary
from fundsim.engine.passes import PASSES
from fundsim.experiments.pairing import NOISE, NONE, OPEN, REAL
from fundsim.experiments.sides import MEASURES
from fundsim.files.choices import Choice
from fundsim.files.evidence import Grade
from fundsim.files.part import blocks_of
from fundsim.kernels.base.cache import maker
from fundsim.report.document import OWN, PARTS
from fundsim.results.tables import TABLES
from fundsim.scenario import Scenario
from fundsim.scenario.projects import DebtKind, Repayment
from fundsim.scenario.vehicles import Strategy, VehicleKind
from fundsim.story.changes import OTHER_CHOICES
from fundsim.vocabulary import (
    AtEnd,
    Channel,
    Check,
    Compounding,
    EventKind,
    FeeBase,
    Instrument,
    InterestSource,
    InvestorKind,
    Leverage,
    Measure,
    Money,
    Style,
)
from fundsim.words import LABELS
from tests.kernels.test_signatures import ENTRIES

PACKAGE = Path(fundsim.__file__).parent
TITLES = [one.title for one in TABLES.values() if one.title]
TITLES += [title for tables in OWN.values() for title, _ in tables]
BASES = tuple(dict.fromkeys(member.basis for member in Leverage))
DEFINITIONS = tuple(dict.fromkeys(member.definition for member in Leverage))
FLAGGED = tuple(f"{kind.word}_{kind.flag.word}" for kind in EventKind if kind.flag)
BY_MEMBER = {
    "channel": Channel.words(),
    "check": Check.words(),
    "compounding": Compounding.words(),
    "event_kind": (*EventKind.words(), *FLAGGED),
    "fee_base": FeeBase.words(),
    "instrument": Instrument.words(),
    "interest_source": InterestSource.words(),
    "investor_kind": InvestorKind.words(),
    "measure": Measure.words(),
    "money": Money.words(),
    "style": Style.words(),
}
"""Groups of labels with one label for each member of an enum of the vocabulary."""
UNREAD = {
    "Activity",
    "AgendaKind",
    "AtEnd",
    "ClassFlow",
    "End",
    "EventField",
    "ExitFigure",
    "Flow",
    "IrrStatus",
    "LiveChildren",
    "Mark",
    "Outcome",
    "OwnStream",
    "PoolPeriod",
    "PositionStatus",
    "Preference",
    "ProjectStatus",
    "SaleBasis",
    "Step",
    "TermStatus",
    "VehicleFlow",
    "VehicleStatus",
    "VehicleStock",
    "WindowFactor",
}
"""Enums whose words users meet in files and tables alone, never in a sentence or a figure."""


def literals(annotation):
    """Words that stand in a type."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for inner in get_args(annotation):
            yield from literals(inner)


def fields():
    """Every field of a scenario with its key."""
    for block in blocks_of(Scenario):
        for name, field in block.model_fields.items():
            yield field.alias or name, field


FIELDS = {key for key, _ in fields()}
CHOSEN = {
    word for _, field in fields() for one in field.metadata if isinstance(one, Choice) for word in one.words
}
CHOSEN |= {word for _, field in fields() for word in literals(field.annotation)}
CHOICES = {word for word in CHOSEN if not any(f"{group}.{word}" in LABELS for group in OTHER_CHOICES)}
"""Words that a file may have for a choice, where no enum or other group has their label."""
CLOSED = {
    "choice.{}": CHOICES,
    "compare.figure_{}": (*MEASURES, "dpi_by_year", "calls_by_year", "landing"),
    "compare.of_{}": ("difference", "error", "verdict"),
    "compare.pass_{}": [step.name for step in PASSES],
    "compare.says_{}": (NONE, NOISE, REAL, OPEN),
    "compare.verdict_{}": (NONE, NOISE, REAL, OPEN),
    "field.{}": FIELDS,
    **{f"{group}.{{}}": words for group, words in BY_MEMBER.items()},
    "basis.{}": BASES,
    "basis_short.{}": BASES,
    "calibrate.grade_{}": get_args(Grade),
    "debt_kind.{}": get_args(DebtKind),
    "describe.at_end_{}": AtEnd.words(),
    "evidence.{}": get_args(Grade),
    "grade.{}": get_args(Grade),
    "interest_of.{}": InterestSource.words(),
    "kernel.{}": [name for names in ENTRIES.values() for name in names],
    "leverage.{}": DEFINITIONS,
    "leverage_note.{}": DEFINITIONS,
    "leverage_short.{}": DEFINITIONS,
    "maker.{}": tuple(maker()),
    "mistake.{}": DEFINITIONS,
    "question.{}": range(1, 11),
    "repayment.{}": get_args(Repayment),
    "report.{}": (*PARTS, "antithetic", "control_variates"),
    "strategy.{}": get_args(Strategy),
    "table.{}": TITLES,
    "vehicle_kind.{}": get_args(VehicleKind),
}
"""Patterns whose blank has a known set of words; each of their labels must exist."""
OPEN = {
    "axis.{}": ("plots/cash.py", "plots/returns.py", "plots/property.py"),
    "calibrate.{}": ("experiments/overlay.py",),
    "calibrate.of_{}": ("experiments/overlay.py", "experiments/targets.py"),
    "column.{}": ("report/tables.py", "report/property.py"),
    "describe.{}": ("story/describe.py", "scenario/run.py"),
    "figure.exits_{}": ("plots/exits.py",),
    "reading.{}": ("report/reading.py", "report/property.py"),
    "remedy.{}": ("scenario/rules.py", "scenario/property_rules.py", "scenario/sanity.py"),
    "reply.{}": ("report/reading.py", "report/property.py"),
    "story.answer_{}": ("story/answer.py", "scenario/principal.py"),
    "story.column_{}": ("story/summary.py",),
    "story.precision_{}": ("story/precision.py",),
    "warning.{}": ("scenario/rules.py", "scenario/property_rules.py", "scenario/sanity.py"),
}
"""Patterns whose blank is filled with names that stand in these modules."""
OF_USERS = {"currency.{}": r"[A-Z]{3}", "unit.{}": r"\d+"}
"""Patterns whose blank is filled with what a user wrote, where a label is found for it."""


def parsed(path):
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def modules():
    """Modules of the package that ask for labels, not those that hold them."""
    catalogues = set((PACKAGE / "words").glob("*.py")) - {PACKAGE / "words" / "__init__.py"}
    return sorted(set(PACKAGE.rglob("*.py")) - catalogues)


def strings(path):
    """Texts that stand in a module as they are."""
    constants = [node.value for node in parsed(path) if isinstance(node, ast.Constant)]
    return {value for value in constants if isinstance(value, str)}


def patterns(path):
    """Texts with blanks that may be keys of labels."""
    for node in parsed(path):
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            if re.fullmatch(r"[a-z_]+\.[a-z_]*\{\}", text) and text.partition(".")[0] in GROUPS:
                yield text


GROUPS = {key.partition(".")[0] for key in LABELS}
TEMPLATE = "".join(file.read_text(encoding="utf-8") for file in (PACKAGE / "report/templates").glob("*.html"))
LITERAL = set.union(*map(strings, modules())) | set(re.findall(r"words\('([a-z_.]+)'\)", TEMPLATE))


def filled(pattern, words):
    return {pattern.format(word) for word in words}


def alive():
    """Every key that the package can ask for."""
    keys = LABELS.keys() & LITERAL
    for pattern, words in CLOSED.items():
        keys |= filled(pattern, words)
    for pattern, paths in OPEN.items():
        keys |= LABELS.keys() & filled(pattern, set.union(*(strings(PACKAGE / path) for path in paths)))
    for pattern, form in OF_USERS.items():
        group = pattern.partition(".")[0]
        keys |= {key for key in LABELS if re.fullmatch(rf"{group}\.{form}", key)}
    return keys


def test_no_label_is_dead():
    assert sorted(LABELS.keys() - alive()) == []


def test_no_label_is_forgotten():
    assert sorted(alive() - LABELS.keys()) == []


def test_every_pattern_of_keys_is_known_and_used():
    found = {pattern for path in modules() for pattern in patterns(path)}
    by_member = {f"{group}.{{}}" for group in BY_MEMBER} | {"report.{}"}
    assert sorted(found - CLOSED.keys() - OPEN.keys() - OF_USERS.keys()) == []
    assert sorted((CLOSED.keys() | OPEN.keys() | OF_USERS.keys()) - found - by_member) == []


@pytest.mark.parametrize("group", BY_MEMBER)
def test_a_group_has_the_members_of_its_enum_and_no_others(group):
    named = {key.partition(".")[2] for key in LABELS if key.startswith(f"{group}.")}
    assert named == set(BY_MEMBER[group])


def key_group(enum):
    return next(iter(enum)).label_key.partition(".")[0]


def test_every_enum_has_labels_or_is_named_as_one_without():
    """`Leverage` is told by definition and basis."""
    enums = [enum for enum in vocabulary.Word.__subclasses__() if enum.__module__ == vocabulary.__name__]
    without = {enum.__name__ for enum in enums if key_group(enum) not in BY_MEMBER}
    assert without - {"Leverage"} == UNREAD


@pytest.mark.parametrize("channel", Channel, ids=Channel.words())
def test_every_channel_has_a_colour_of_its_own(channel):
    assert re.fullmatch("#[0-9a-f]{6}", channel.colour)
    assert [other for other in Channel if other.colour == channel.colour] == [channel]
