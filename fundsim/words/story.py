"""Owns the words of stories: a scenario described, a path told, a run summed up."""

STORY: dict[str, tuple[str, str]] = {}
