"""Every example of `docs/wrappers.md` runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hybrid_env.wrappers

PAGE = (Path(__file__).parents[2] / "docs" / "wrappers.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number: int) -> None:
    pytest.importorskip("stable_baselines3")
    exec(compile(EXAMPLES[number], f"docs/wrappers.md, example {number + 1}", "exec"), {"__name__": "example"})


def test_every_wrapper_has_its_section() -> None:
    sections = re.findall(r"^## (\w+)$", PAGE, re.MULTILINE)
    assert set(hybrid_env.wrappers.__all__) <= set(sections)
