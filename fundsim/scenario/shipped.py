"""Owns which scenario files the package ships."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path


def shipped_scenarios() -> dict[str, Traversable]:
    """Return the scenario files that the package ships, by name."""
    found: dict[str, Traversable] = {}
    # A checkout keeps them beside the package; a wheel carries them inside.
    for folder in (resources.files("fundsim") / "scenarios", Path(__file__).parents[2] / "scenarios"):
        if folder.is_dir():
            for file in folder.iterdir():
                if file.name.endswith(".yaml"):
                    found.setdefault(file.name.removesuffix(".yaml"), file)
    return dict(sorted(found.items()))
