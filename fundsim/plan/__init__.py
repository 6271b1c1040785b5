"""Scenario → arrays: the only place where years become periods and names become indices."""

from fundsim.plan.plan import Plan, make_plan

__all__ = ["Plan", "make_plan"]
