"""Reads blocks of YAML for a model: places, layers, single values set over them, and all that is wrong."""
