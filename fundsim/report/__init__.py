"""Owns the report: one HTML file about a run that reads anywhere, without network."""

from fundsim.report.document import write_report

__all__ = ["write_report"]
