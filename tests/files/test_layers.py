"""Layers of files: which value wins, where it stands, and a reader that takes the class it is given."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundsim.errors import Place, ScenarioError
from fundsim.files.evidence import known
from fundsim.files.layers import Layers, merge
from fundsim.files.overrides import parse_path, split_assignment
from fundsim.files.part import Fault, Part, alternatives_in, blocks_of
from fundsim.files.places import node_of, read_text
from fundsim.files.quantities import Name, Share
from fundsim.files.reading import Reader


def test_paths_and_assignments_are_split_outside_quotes():
    assert parse_path("vehicles.\"a.b=c\" .investors[2].'x y'.z w") == (
        "vehicles",
        "a.b=c",
        "investors",
        2,
        "x y",
        "z w",
    )
    assert split_assignment('vehicles."a=b".kind = x=y') == ('vehicles."a=b".kind', "x=y")


NAMES = st.sampled_from(["a", "b", "c", "d"])
LEAVES = st.integers(0, 9)


def blocks(inner):
    named = st.lists(NAMES, unique=True, max_size=3).flatmap(
        lambda names: st.tuples(
            *(st.fixed_dictionaries({"name": st.just(n), "v": inner}) for n in names)
        ).map(list)
    )
    return st.dictionaries(st.sampled_from(["p", "q", "r"]), inner | named, max_size=3)


TREES = st.dictionaries(
    st.sampled_from(["p", "q", "r"]), st.recursive(LEAVES, blocks, max_leaves=8), max_size=3
)


def merged(*layers):
    node = node_of({}, Place("none"))
    for number, layer in enumerate(layers):
        node = merge(node, node_of(layer, Place(f"layer {number}")))
    return node


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_merging_with_itself_or_nothing_changes_nothing(tree):
    assert merged(tree).plain() == tree
    assert merged(tree, {}).plain() == merged({}, tree).plain() == merged(tree, tree).plain() == tree


@settings(max_examples=100, deadline=None)
@given(TREES, TREES)
def test_the_upper_layer_wins_and_the_rest_survives(lower, upper):
    result = merged(lower, upper).plain()
    assert set(result) == set(lower) | set(upper)
    for key, value in upper.items():
        if not isinstance(value, dict | list):
            assert result[key] == value
    for key in set(lower) - set(upper):
        assert result[key] == lower[key]
    # Laying the same layer on once more changes nothing.
    assert merged(lower, upper, upper).plain() == result


@settings(max_examples=100, deadline=None)
@given(TREES, TREES)
def test_every_leaf_keeps_the_place_of_its_layer(lower, upper):
    def check(node, low, high):
        if node.is_mapping:
            for key, child in node.mapping.items():
                check(
                    child,
                    low.get(key) if isinstance(low, dict) else None,
                    high.get(key) if isinstance(high, dict) else None,
                )
        elif not node.is_list:
            assert node.place.source == ("layer 1" if high is not None else "layer 0")

    check(merged(lower, upper), lower, upper)


def test_places_of_nested_values_come_from_both_files():
    lower, upper = read_text("a: {b: 1, c: 2}", "low.yaml"), read_text("a:\n  c: 3", "high.yaml")
    block = merge(lower, upper).mapping["a"]
    assert str(block.key_places["b"]) == "low.yaml:1:5"
    assert str(block.key_places["c"]) == "high.yaml:2:3"


class Leaf(Part):
    """A made-up block."""

    ALTERNATIVES = (("share", "shares"),)

    name: Name
    """Its name; name."""
    share: Share | None = known(None, "give this or shares")
    """One share; decimal."""
    shares: tuple[Share, ...] | None = known(None, "give this or share")
    """Several; decimal."""

    def faults(self):
        if self.name == "bad":
            yield Fault(("name",), "'bad' is no good name", "choose another")


class Tree(Part):
    """A made-up file."""

    leaves: tuple[Leaf, ...]
    """Its leaves; list."""


READER = Reader(Tree, Layers("tree", alternatives_in(Tree)), lambda tree, layers: tree)


def test_any_class_of_blocks_is_read_with_its_layers_rules_and_alternatives(tmp_path):
    (tmp_path / "low.yaml").write_text("leaves: [{name: a, share: 10%}, {name: b}]")
    (tmp_path / "high.yaml").write_text("extends: low.yaml\nleaves: [{name: a, shares: [0.5]}]")
    tree = READER.from_file(tmp_path / "high.yaml", ["leaves.b.share=0.25"], {"leaves.b.name": "c"})
    assert tree == READER.from_data(
        {"leaves": [{"name": "a", "shares": [0.5]}, {"name": "c", "share": 0.25}]}
    )
    assert READER.changed(tree, {"leaves.a.share": 1}).leaves[0] == Leaf(name="a", share=1)
    assert blocks_of(Tree) == (Tree, Leaf)
    with pytest.raises(ScenarioError) as caught:
        READER.from_text("leaves:\n- {name: bad, share: 2}", "mine.yaml")
    assert [f"{problem.path} | {problem.message}" for problem in caught.value.problems] == [
        "leaves[0] \"bad\" name | 'bad' is no good name",
        'leaves[0] "bad" share | 2 is above 1',
    ]
