"""Reading tables: hinges and lines (made in `hybrid_env/sites/curves.py`)."""

from __future__ import annotations

from hybrid_env.sim.compiler import part


@part
def hinges(value, y0, at, change):
    """`y0 + sum_k change[k] max(0, value - at[k])`."""
    total = y0
    for k in range(at.size):
        total += change[k] * max(0.0, value - at[k])
    return total


@part
def lines(value, share, slope, offset):
    """Concave curve as the least of its lines: `min_k slope[k] value + offset[k] share`."""
    best = slope[0] * value + offset[0] * share
    for k in range(1, slope.size):
        best = min(best, slope[k] * value + offset[k] * share)
    return best


@part
def clip(value, low, high):
    """`value` kept between `low` and `high`."""
    return min(max(value, low), high)


@part
def squash(x):
    """`x / (1 + |x|)`: unbounded to (-1, 1) by arithmetic alone, so equal to the bit on every processor."""
    return x / (1.0 + abs(x))


@part
def centre(x):
    """[0, 1] to [-1, 1], clipped."""
    return min(1.0, max(-1.0, 2.0 * x - 1.0))
