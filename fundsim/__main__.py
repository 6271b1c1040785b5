"""Owns `python -m fundsim`, which is the command `fundsim`."""

from fundsim.cli import program

if __name__ == "__main__":
    program()
