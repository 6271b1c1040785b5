"""Owns the writing of plain data as YAML that reads back to the same values."""

from typing import Any

import yaml

from fundsim.files.places import resolve


class _Dumper(yaml.SafeDumper):
    """Block style, small lists in one line; texts that YAML 1.1
    or 1.2 takes for something else are quoted.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    try:
        is_plain = isinstance(resolve(text), str)
    except ValueError:
        is_plain = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    is_flat = all(not isinstance(item, dict | list) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_flat)


def _represent_mapping(dumper: yaml.SafeDumper, mapping: dict[str, Any]) -> yaml.MappingNode:
    is_small = len(mapping) <= 3 and all(
        not isinstance(value, dict | list | str) for value in mapping.values()
    )
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping.items(), flow_style=is_small)


def _represent_float(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    # The reader of a field knows whether it is whole, so 16.0 can be written 16.
    if number == int(number) and abs(number) < 1e15:
        return dumper.represent_int(int(number))
    return dumper.represent_float(number)


# Our reader leaves dates to the fields, so they need no quotes.
_Dumper.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for letter, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
_Dumper.add_representer(float, _represent_float)
_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(dict, _represent_mapping)


def to_yaml(content: Any) -> str:
    """Return plain data as YAML text."""
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _InlineDumper(_Dumper):
    """Everything in one line."""


def inline_yaml(content: Any) -> str:
    """Return plain data as YAML in one line."""
    text: str = yaml.dump(content, Dumper=_InlineDumper, allow_unicode=True, sort_keys=False, width=1_000_000)
    return text.removesuffix("\n").removesuffix("\n...")


_InlineDumper.add_representer(
    list, lambda dumper, items: dumper.represent_sequence("tag:yaml.org,2002:seq", items, True)
)
_InlineDumper.add_representer(
    dict, lambda dumper, block: dumper.represent_mapping("tag:yaml.org,2002:map", block.items(), True)
)
