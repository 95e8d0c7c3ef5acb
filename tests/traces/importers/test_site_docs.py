"""The page about weather, bitcoin and GPU work names every format, model and parameter that there is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

pytest.importorskip("pandas")

from hybrid_env.traces.importers.derive import DERIVE
from hybrid_env.traces.importers.formats import SITE
from hybrid_env.traces.importers.power_curves import POWER_CURVES
from hybrid_env.traces.importers.recipe import Source

PAGE = (Path(__file__).parents[3] / "docs" / "import_site.md").read_text("utf-8")
MODELS = (
    "typical_year", "wet_bulb", "solar_power", "wind_power", "wind_fleet", "bitcoin_market", "inference_load",
    "training_load", "gang_jobs", "gpu_rent",
)  # fmt: skip


@pytest.mark.parametrize("name", [known.name for family in SITE for known in family.FORMATS])
def test_every_format_has_a_row(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_row_with_its_parameters(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    missing = [field for field in DERIVE[name].parameters.model_fields if f"`{field}`" not in row]
    assert not missing, f"{name}: {', '.join(missing)} not in its row"
    assert all(f"`{column}`" in row for column in DERIVE[name].columns)


def test_the_pages_recipe_is_one() -> None:
    text = PAGE.split("```yaml\n")[1].split("```")[0]
    source = Source.model_validate(yaml.safe_load(text)[0])
    assert [name for name, _ in source.models] == ["typical_year", "wet_bulb", "solar_power", "wind_power"]
    for name, parameters in source.models:
        assert DERIVE[name].parameters(**parameters)


def test_every_power_curve_is_named() -> None:
    assert all(f"`{name}`" in PAGE for name in POWER_CURVES)
