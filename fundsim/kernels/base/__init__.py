"""What all kernels stand on: the decorator, random numbers, distributions, ordered sums."""
