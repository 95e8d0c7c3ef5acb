"""The columns of a trace as a Markdown table: `python -m hybrid_env.traces.describe`."""

from __future__ import annotations

from hybrid_env.traces.schema import COLUMNS, HIDDEN, Column

SEEN = {0: "as its row starts", 1: "once its row is settled", HIDDEN: "never in time"}


def columns_table() -> str:
    """One line a column: unit, range, resolution, when it is seen, what stands in where a source lacks it, meaning."""
    names = ("column", "unit", "range", "resolution", "seen", "default", "meaning")
    head = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return "\n".join([*head, *(_line(name, column) for name, column in COLUMNS.items())])


def _line(name: str, column: Column) -> str:
    default = "required" if column.default is None else f"{column.default:g}"
    return (
        f"| `{name}` | {column.unit} | {column.low:g} to {column.high:g} | {column.resolution:g} |"
        f" {SEEN[column.lag_rows]} | {default} | {column.meaning} |"
    )


if __name__ == "__main__":
    print(columns_table())
