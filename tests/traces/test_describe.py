"""The documentation's table of columns is the schema's."""

from pathlib import Path

from hybrid_env.traces.describe import columns_table
from hybrid_env.traces.schema import COLUMNS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "traces.md"


def test_the_page_on_traces_holds_the_current_columns():
    text = PAGE.read_text("utf-8")
    documented = text.split("<!-- columns -->\n")[1].split("\n<!-- /columns -->")[0]
    assert documented == columns_table(), "run python -m hybrid_env.traces.describe and paste its output into the page"


def test_every_column_has_a_line():
    assert columns_table().count("\n") == len(COLUMNS) + 1
