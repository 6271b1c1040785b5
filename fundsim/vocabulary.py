"""Owns the names and numbers that every floor of the house shares; it imports nothing but `enum`."""
