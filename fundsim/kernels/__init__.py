"""Compiled numerical kernels: arrays in, arrays out, no objects, no input checking."""
