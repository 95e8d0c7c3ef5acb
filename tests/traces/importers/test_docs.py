"""The page about bringing a site names every format; its recipe and its task are ones that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

pytest.importorskip("pandas")

from hybrid_env.tasks import Task
from hybrid_env.traces.importers.formats import POWER
from hybrid_env.traces.importers.recipe import Recipe, Source

PAGE = (Path(__file__).parents[3] / "docs" / "bring_your_own_site.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("name", [known.name for family in POWER for known in family.FORMATS])
def test_every_format_has_a_row(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_the_recipe_of_the_page_is_valid() -> None:
    recipe = Recipe.model_validate(BLOCKS[0])
    assert {name for source in recipe.sources for name in source.feeds} >= {
        "price_rt_usd_per_mwh",
        "btc_usd",
        "wind_cf",
    }


def test_the_task_and_the_layout_of_the_page_are_valid() -> None:
    assert Task.model_validate(BLOCKS[1]).trace_files["test"] == ("traces/my_site_2023.npz",)
    assert Source.model_validate(BLOCKS[2][0]).layout is not None
