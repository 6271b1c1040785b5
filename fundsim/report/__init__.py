"""Owns reports: one HTML file about a run or a comparison that reads anywhere, without network."""

from fundsim.report.comparison import write_comparison_report
from fundsim.report.document import write_report

__all__ = ["write_comparison_report", "write_report"]
