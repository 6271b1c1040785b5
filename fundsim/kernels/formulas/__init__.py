"""Formulas on plain arrays that passes and public functions share."""
