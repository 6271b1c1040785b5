"""The funds pass (§5, §7): vehicles, their holdings and their cash, and what came of it (§8)."""
