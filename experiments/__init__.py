"""The programmes people run: train, evaluate, leaderboard, references, demo."""
