"""An agent's configuration refuses what cannot be trained, and says which field."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from agents.config import agent_adapter
from tests.agents.tiny import PPO, tiny_agent

CONFIGS = Path(__file__).parents[2] / "configs" / "agent"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_packaged_recipe_is_valid_and_named_like_its_file(path: Path) -> None:
    assert agent_adapter.validate_python(yaml.safe_load(path.read_text("utf-8"))).name == path.stem


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"gama": 0.9}, "gama"),
        ({"gamma": 1.5}, "gamma"),
        ({"learning_rate": "lambda x: x"}, "learning_rate"),
        ({"actions": {"minning": 0.1}}, "minning"),
        ({"actions": {"mining": 9.0}}, "actions.mining"),
        ({"minibatch": 100}, "minibatch"),
        ({"algorithm": "a2c"}, "a2c"),
        ({"name": "../elsewhere"}, "name"),
    ],
)
def test_a_mistake_names_its_field(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        tiny_agent(PPO, **changes)


def test_free_actions_come_in_the_sites_order() -> None:
    assert tiny_agent(PPO, actions={"battery": 0.1, "mining": 0.2}).free == ("mining", "battery")
