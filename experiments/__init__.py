"""The programmes people run: train, evaluate, leaderboard, references, demo."""

from __future__ import annotations

import sys

from experiments.missing import leave_in_words

if sys.argv[0] == "-m":  # a programme is about to be imported, and may lack a package before it can say so itself
    sys.excepthook = leave_in_words
