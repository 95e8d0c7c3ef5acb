"""Synthetic years: one file a subject, every draw from a stream of its own."""

from hybrid_env.traces.generate.year import generate_year

__all__ = ["generate_year"]
