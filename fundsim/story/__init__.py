"""Owns what is said in words: the answer of a run, its summary, a scenario described, a path told."""

from fundsim.story.answer import answer_sentence
from fundsim.story.describe import describe
from fundsim.story.precision import precision_lines
from fundsim.story.summary import summary_table
from fundsim.story.trace import trace_story

__all__ = ["answer_sentence", "describe", "precision_lines", "summary_table", "trace_story"]
