"""Scenario → arrays: the only place where years become periods and names become indices."""

from __future__ import annotations

from fundsim.plan.plan import Plan, make_plan

__all__ = ["Plan", "make_plan"]
