"""The core goes without the importers: they need pandas, it does not."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[3] / "hybrid_env"


def test_nothing_in_the_package_imports_the_importers_but_themselves() -> None:
    importers = PACKAGE / "traces" / "importers"
    others = [path for path in PACKAGE.rglob("*.py") if importers not in path.parents]
    assert len(others) > 100
    assert not [path for path in others if "traces.importers" in path.read_text("utf-8")]
