"""How a run is computed: passes over blocks of paths, on whatever makes blocks."""
