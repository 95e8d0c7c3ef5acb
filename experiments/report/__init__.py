"""Leaderboard and stress suite as people read them: a table in the terminal and one self-contained HTML page."""

from experiments.report.page import build_page
from experiments.report.standings import Standing, standings
from experiments.report.stress import stress_notes, stress_page, stress_table
from experiments.report.table import leaderboard_table

__all__ = ["Standing", "build_page", "leaderboard_table", "standings", "stress_notes", "stress_page", "stress_table"]
