"""A linear programme written in named blocks of variables and constraints, solved by HiGHS.

Everything is *maximised*, in USD. Blocks keep the time, job or month they speak of (`keys`), so that the duals of
overlapping windows can be put together into duals of one long programme.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Columns = Ints
Term = tuple[ArrayLike, Columns] | tuple[ArrayLike, Columns, NDArray[np.int64]]
"""`(coefficient, columns)`, one entry a row of the block in order; or `(coefficient, columns, rows)` with the row of
each entry."""

SMALL_ROWS = 6_000
"""Below this, presolving costs more time than it saves."""


@dataclass(frozen=True)
class Block:
    """A named array of variables or constraints.

    Attributes:
        first: index of its first member in the programme.
        shape: leading axis as `keys`.
        axis: what the leading axis counts: "row", "slot", "job" or "month".
        keys: number of the trace row, slot, job or month behind each member of the leading axis, ascending.
    """

    name: str
    first: int
    shape: tuple[int, ...]
    axis: str
    keys: NDArray[np.int64]

    @property
    def members(self) -> int:
        """How many variables or constraints it holds."""
        return int(np.prod(self.shape))

    @property
    def span(self) -> slice:
        """Where it lies in the programme's vectors."""
        return slice(self.first, self.first + self.members)


@dataclass(frozen=True)
class Solution:
    """What HiGHS found. `value_usd` is the primal objective; the vectors are those of the programme's columns and
    rows."""

    status: str
    value_usd: float
    columns: Floats
    duals: Floats
    seconds: float


@dataclass
class Lp:
    """Maximise `constant + usd @ x` with `low <= x <= high` and `row_low <= A x <= row_high`. All `low`, `high` are
    finite."""

    constant_usd: float = 0.0
    variables: dict[str, Block] = field(default_factory=dict)
    constraints: dict[str, Block] = field(default_factory=dict)
    _columns: int = 0
    _rows: int = 0
    _low: list[Floats] = field(default_factory=list)
    _high: list[Floats] = field(default_factory=list)
    _usd: list[Floats] = field(default_factory=list)
    _row_low: list[Floats] = field(default_factory=list)
    _row_high: list[Floats] = field(default_factory=list)
    _at_row: list[NDArray[np.int64]] = field(default_factory=list)
    _at_column: list[NDArray[np.int64]] = field(default_factory=list)
    _coefficient: list[Floats] = field(default_factory=list)
    _matrix: sparse.csr_array | None = None

    def variable(
        self, name: str, shape: Sequence[int], low: ArrayLike, high: ArrayLike, usd: ArrayLike = 0.0,
        axis: str = "row", keys: NDArray[np.int64] | None = None,
    ) -> Columns:  # fmt: skip
        """Add variables; returns their column numbers, of the given shape. `low`, `high`, `usd` are broadcast to it."""
        block = Block(name, self._columns, tuple(shape), axis, np.arange(shape[0]) if keys is None else keys)
        self.variables[name] = block
        self._low.append(_flat(low, shape))
        self._high.append(_flat(high, shape))
        self._usd.append(_flat(usd, shape))
        self._columns += block.members
        return np.arange(block.first, self._columns).reshape(shape)

    def constrain(
        self, name: str, shape: Sequence[int], terms: Sequence[Term],
        low: ArrayLike = -np.inf, high: ArrayLike = np.inf, axis: str = "row", keys: NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        """Add constraints `low <= sum of terms <= high`, one for each member of `shape`."""
        block = Block(name, self._rows, tuple(shape), axis, np.arange(shape[0]) if keys is None else keys)
        self.constraints[name] = block
        every = np.arange(block.first, block.first + block.members).reshape(shape)
        for term in terms:
            columns = term[1]
            rows = every if len(term) == 2 else term[2] + block.first
            self._at_row.append(np.broadcast_to(rows, columns.shape).ravel() if columns.ndim == 0 else rows.ravel())
            self._at_column.append(columns.ravel())
            self._coefficient.append(np.broadcast_to(np.asarray(term[0], np.float64), columns.shape).ravel())
        self._row_low.append(_flat(low, shape))
        self._row_high.append(_flat(high, shape))
        self._rows += block.members

    def reward(self, columns: Columns, usd: ArrayLike) -> None:
        """Add `usd` to the objective of some columns: a planner's preference that is in no account."""
        total = self.usd
        total[columns] += np.asarray(usd, np.float64)
        self._usd = [total]

    def close(self, columns: Columns) -> None:
        """Hold some columns at 0: a planner's choice between plans."""
        most = _joined(self._high).copy()
        most[columns] = 0.0
        self._high = [most]

    @property
    def usd(self) -> Floats:
        """Objective of every column."""
        return _joined(self._usd)

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lower and upper bound of every column."""
        return _joined(self._low), _joined(self._high)

    @property
    def row_bounds(self) -> tuple[Floats, Floats]:
        """Lower and upper bound of every row's activity; either may be infinite."""
        return _joined(self._row_low), _joined(self._row_high)

    @property
    def matrix(self) -> sparse.csr_array:
        """`A`, assembled once; entries of one place add up."""
        if self._matrix is None or self._matrix.shape != (self._rows, self._columns):
            where = (np.concatenate(self._at_row), np.concatenate(self._at_column))
            entries = sparse.coo_array((np.concatenate(self._coefficient), where), shape=(self._rows, self._columns))
            self._matrix = entries.tocsr()
        return self._matrix

    def solve(self, method: str = "choose", **options: Any) -> Solution:
        """Solve by HiGHS.

        Args:
            method: "simplex", "ipm" (interior point without crossover: fast, duals to about 1e-8) or "choose".
            options: more HiGHS options by their own names, e.g. `time_limit=60.0`.

        Raises:
            ValueError: HiGHS refused the programme or an option.
        """
        _silence_banner()
        highs = highspy.Highs()
        settings: dict[str, Any] = {"output_flag": False, "solver": method, "threads": 1}
        if self._rows < SMALL_ROWS:
            settings["presolve"] = "off"
        if method == "ipm":
            settings["run_crossover"] = "off"
        for option, value in (settings | options).items():
            if highs.setOptionValue(option, value) != highspy.HighsStatus.kOk:
                raise ValueError(f"HiGHS has no option {option!r} that takes {value!r}")
        if highs.passModel(self._as_highs()) == highspy.HighsStatus.kError:
            raise ValueError("HiGHS refused the programme: " + self.fault())
        highs.run()
        found = highs.getSolution()
        return Solution(
            highs.modelStatusToString(highs.getModelStatus()), highs.getInfo().objective_function_value,
            _sized(found.col_value, self._columns), _sized(found.row_dual, self._rows), highs.getRunTime(),
        )  # fmt: skip

    def fault(self) -> str:
        """Name the first block with a bound that is not finite or not ordered; empty if there is none."""
        for name, low, high in zip(self.variables, self._low, self._high, strict=True):
            if not (np.isfinite(low).all() and np.isfinite(high).all() and (low <= high).all()):
                at = int(np.flatnonzero(~(np.isfinite(low) & np.isfinite(high) & (low <= high)))[0])
                return f"variable {name}, member {at}: bounds {low[at]:g} to {high[at]:g}"
        for name, low, high in zip(self.constraints, self._row_low, self._row_high, strict=True):
            if not (low <= high).all():
                at = int(np.flatnonzero(~(low <= high))[0])
                return f"constraint {name}, member {at}: bounds {low[at]:g} to {high[at]:g}"
        return ""

    def values(self, name: str, columns: Floats) -> Floats:
        """Values of one block of variables, in its shape."""
        block = self.variables[name]
        return columns[block.span].reshape(block.shape)

    def duals(self, name: str, duals: Floats) -> Floats:
        """Duals of one block of constraints, in its shape: USD for one more unit of the right-hand side."""
        block = self.constraints[name]
        return duals[block.span].reshape(block.shape)

    def weak_bound(self, duals: Floats) -> float:
        """A value that no feasible point exceeds, for *any* vector `duals`.

        For every y: `usd @ x = y @ A x + (usd - A'y) @ x`. The first part is at most `y_i` times the row bound on its
        side, the second at most each reduced cost times the column bound on its side. Duals whose row has no bound on
        their side are set to zero. A relative 1e-12 of all that was added covers rounding.

        Raises:
            ValueError: a bound is not finite, or the lower is above the upper: no point is feasible and nothing holds.
        """
        if fault := self.fault():
            raise ValueError(f"nothing bounds a programme that has no point: {fault}")
        low, high = self.row_bounds
        y = np.where(((duals > 0) & np.isposinf(high)) | ((duals < 0) & np.isneginf(low)), 0.0, duals)
        side = np.where(y > 0, high, low)
        by_row = y[y != 0] * side[y != 0]
        reduced = self.usd - self.matrix.T @ y
        column_low, column_high = self.bounds
        by_column = np.where(reduced > 0, reduced * column_high, reduced * column_low)
        rounding = 1e-12 * (np.abs(by_row).sum() + np.abs(by_column).sum() + abs(self.constant_usd))
        return float(self.constant_usd + by_row.sum() + by_column.sum() + rounding)

    def polish(self, duals: Floats, name: str) -> None:
        """Give a block of rows `a @ x <= b` (`a >= 0`, `x >= 0`, each column in one row at most) its best duals, the
        others kept.

        The weak bound is convex and piecewise linear in each of these duals: the least value is where the columns
        still worth their price, taken at their upper bounds from the dearest down, have used up b. Changes `duals`
        in place.
        """
        span = self.constraints[name].span
        duals[span] = 0.0
        rows = self.matrix[span].tocoo()
        worth = ((self.usd - self.matrix.T @ duals)[rows.col]) / rows.data
        order = np.lexsort((-worth, rows.row))
        row, worth = rows.row[order], worth[order]
        taken = np.cumsum((rows.data * self.bounds[1][rows.col])[order])
        first = np.searchsorted(row, np.arange(rows.shape[0]))
        taken -= np.where(first > 0, taken[np.maximum(first - 1, 0)], 0.0)[row]
        full = np.flatnonzero(taken >= self.row_bounds[1][span][row])
        at, index = np.unique(row[full], return_index=True)
        duals[span.start + at] = np.maximum(0.0, worth[full[index]])

    def worth(self, columns: Floats) -> float:
        """Objective of a point, feasible or not."""
        return float(self.constant_usd + self.usd @ columns)

    def violation(self, columns: Floats, tolerance: float = 1e-6) -> dict[str, float]:
        """By how much a point breaks each block at worst, in the block's unit; blocks kept within `tolerance` are
        left out."""
        activity = self.matrix @ columns
        low, high = self.row_bounds
        broken = np.maximum(low - activity, activity - high)
        outside = np.maximum(self.bounds[0] - columns, columns - self.bounds[1])
        blocks = [(b, broken) for b in self.constraints.values()] + [(b, outside) for b in self.variables.values()]
        return {b.name: float(worst) for b, by in blocks if b.members and (worst := by[b.span].max()) > tolerance}

    def _as_highs(self) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._columns, self._rows
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.offset_ = self.constant_usd
        lp.col_cost_ = self.usd
        lp.col_lower_, lp.col_upper_ = self.bounds
        lp.row_lower_, lp.row_upper_ = self.row_bounds
        matrix: Any = self.matrix
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = self._columns, self._rows
        lp.a_matrix_.start_ = matrix.indptr
        lp.a_matrix_.index_ = matrix.indices
        lp.a_matrix_.value_ = matrix.data
        return lp


def _flat(values: ArrayLike, shape: Sequence[int]) -> Floats:
    return np.broadcast_to(np.asarray(values, np.float64), tuple(shape)).ravel()


def _sized(found: Sequence[float], size: int) -> Floats:
    """What the solver found, or zeros where it found nothing."""
    return np.array(found) if len(found) == size else np.zeros(size)


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)


@cache
def _silence_banner() -> None:
    """HiGHS prints its name when it is first made, whatever its options say; programmes whose output is read by
    others must not."""
    sys.stdout.flush()
    saved = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            highspy.Highs()
            ctypes.CDLL(None).fflush(None)
    finally:
        os.dup2(saved, 1)
        os.close(saved)
