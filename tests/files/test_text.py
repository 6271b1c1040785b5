"""YAML text: what is read as what, where it stands, and that hostile files end quickly in a clear message."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundsim.errors import Place, ScenarioError
from fundsim.files.places import MAX_DEPTH, Node, read_bytes, read_text, resolve
from fundsim.files.writing import inline_yaml, to_yaml


def message(data: bytes | str) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_bytes(data.encode() if isinstance(data, str) else data, "mine.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2023-01-01", "2023-01-01"),
        ("8%", "8%"),
        ("~", None),
        ("null", None),
        ("", None),
        ("nano", "nano"),
    ],
)
def test_plain_scalars_follow_the_core_schema_of_yaml_1_2(text, value):
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


def test_quotes_make_text():
    assert read_text("a: '010'\nb: \"true\"\nc: ! 5", "x").plain() == {"a": "010", "b": "true", "c": "5"}


def test_every_node_knows_line_and_column():
    node = read_text("a: 1\nb:\n  - {c: 2, d: x}\n", "mine.yaml")
    item = node.mapping["b"].items[0]
    assert node.key_places["b"] == Place("mine.yaml", 2, 1)
    assert item.place == Place("mine.yaml", 3, 5)
    assert item.key_places["d"] == Place("mine.yaml", 3, 12)
    assert item.mapping["d"].place == Place("mine.yaml", 3, 15)


def test_aliases_give_the_value_of_their_anchor():
    assert read_text("a: &x [1, 2]\nb: *x\nc: [*x, *x]", "x").plain() == {
        "a": [1, 2],
        "b": [1, 2],
        "c": [[1, 2], [1, 2]],
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", "mine.yaml: the file is empty; write a scenario, or start from 'fundsim new'"),
        ("# nothing\n", "mine.yaml: the file is empty; write a scenario, or start from 'fundsim new'"),
        ("a: 1\n---\nb: 2", "mine.yaml:2:1: a second document starts here; keep one scenario in a file"),
        (
            "a: 1\nb: 2\na: 3",
            "mine.yaml:3:1: the key 'a' stands twice, in lines 1 and 3; keep one of them",
        ),
        (
            "a: &x {b: 1}\nc: {<<: *x}",
            "mine.yaml:2:5: the merge key '<<' is not supported; use 'extends' or write the values out",
        ),
        (
            "a: !!python/object:os.system x",
            "mine.yaml:1:4: the tag 'tag:yaml.org,2002:python/object:os.system' is not supported; delete it",
        ),
        ("a: !!float 3", "mine.yaml:1:4: the tag 'tag:yaml.org,2002:float' is not supported; delete it"),
        ("a: &x [*x]", "mine.yaml:1:8: the alias *x contains itself; write the value out"),
        ("a: *x", "mine.yaml:1:4: the alias *x has no anchor above it; define &x first"),
        (
            "a: .nan",
            "mine.yaml:1:4: .nan is not a finite number; give a finite number, or quote it if it is a name",
        ),
        (
            "a: 1e999",
            (
                "mine.yaml:1:4: 1e999 is beyond the range of a number; "
                "give a shorter or smaller number, or quote it if it is a name"
            ),
        ),
        ("? [a]\n: 1", "mine.yaml:1:3: a key must be a plain word, not a list, mapping or alias; name it"),
        (
            "name: x\nvehicles：\n  - name: a\n",
            (
                "mine.yaml:2:9: this is not valid YAML: while scanning a simple key, could not find "
                "expected ':'; "
                "replace the full-width '：' by ':' and a space"
            ),
        ),
        (
            "run:\n\tpaths: 3\n",
            (
                "mine.yaml:2:1: this is not valid YAML: while scanning for the next token, "
                "found character '\\t' that cannot start any token; indent with spaces, not with a tab"
            ),
        ),
        (
            "a: {b: 1",
            (
                "mine.yaml:1:9: this is not valid YAML: while parsing a flow mapping, expected ',' or '}', "
                "but got '<stream end>'; check the indentation, quotes, brackets and colons here"
            ),
        ),
        ("a: b\x07", "mine.yaml:1:5: the character U+0007 is not allowed in YAML; delete it"),
        ("名: 母".encode("utf-16"), "mine.yaml: the file is UTF-16 or UTF-32 text; save it as UTF-8"),
        (
            "a: 1\nname: 母基金\n".encode("gbk"),
            "mine.yaml:2:9: the file is not UTF-8 text, it looks like GBK (GB18030); save it as UTF-8",
        ),
        (b"a: \xff\xff\xff", "mine.yaml:1:4: the file is not UTF-8 text; save it as UTF-8"),
    ],
)
def test_what_is_refused_says_where_and_what_would_be_right(data, expected):
    assert message(data) == expected


def test_a_byte_order_mark_is_accepted():
    assert read_bytes("\ufeffname: 母基金".encode(), "x").plain() == {"name": "母基金"}


def test_all_refusals_of_a_file_come_at_once():
    text = message("a: .inf\nb: !!int 3\nb: 2\nc: " + "9" * 50)
    assert [line.split(":")[1] for line in text.splitlines()] == ["1", "2", "3", "4"]


def _bomb() -> bytes:
    lines = [b"a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [b"%c: &%c [%s]" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(9)]
    return b"\n".join(lines)


def _chain() -> bytes:
    lines = [b"a0: &a0 [1]"] + [b"a%d: &a%d [*a%d]" % (i, i, i - 1) for i in range(1, 200)]
    return b"\n".join(lines)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"[" * 30_000, f"nested more than {MAX_DEPTH} deep"),
        (b"[\n" * 30_000, f"nested more than {MAX_DEPTH} deep"),
        (b"{a: " * 30_000, f"nested more than {MAX_DEPTH} deep"),
        (b"- " * 30_000, f"nested more than {MAX_DEPTH} deep"),
        (b"? " * 30_000, "a key must be a plain word"),
        (_bomb(), "once aliases are expanded"),
        (_chain(), f"nested more than {MAX_DEPTH} deep"),
        (b"a: " + b"9" * 100_000, "more than 40"),
        (b"a: [" + b"1," * 200_000 + b"]", "values once aliases are expanded"),
        (b"a: '" + b"x" * 900_000, "not valid YAML"),
        (b"a" * 1_000_001, "more than the 1,000,000 that a scenario may have"),
        (b"name: \x00\x00\x00b", "U+0000 is not allowed in YAML"),
    ],
    ids=[
        "brackets",
        "lines",
        "braces",
        "dashes",
        "keys",
        "bomb",
        "chain",
        "digits",
        "items",
        "quote",
        "bytes",
        "nul",
    ],
)
def test_hostile_files_end_quickly(data, part):
    start = time.perf_counter()
    assert part in message(data)
    # A second on an idle machine; tests may run beside other work.
    assert time.perf_counter() - start < 5


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_give_a_tree_or_a_scenario_error(data):
    try:
        node = read_bytes(data, "x")
    except ScenarioError as error:
        assert error.problems
    else:
        assert isinstance(node, Node)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12),
    st.sampled_from(
        ["no", "010", "1e3", "2023-01-01", "~", "null", "0x1", "0o7", "=", "<<", "a: b", "：", "- x", ".inf"]
    ),
)
KEYS = st.text("abcdefgh_", min_size=1, max_size=6)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
def test_what_is_written_reads_back_equal(tree):
    for text in (to_yaml(tree), inline_yaml(tree)):
        assert read_text(text, "x").plain() == tree
