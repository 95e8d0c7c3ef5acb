"""How gang jobs checkpoint and restart."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_durations_are_in_seconds() -> None:
    p = parameter_record(site_with({"gang.checkpoint_interval_s": 1_800, "gang.restart_s": 300}))[0]
    assert (p["checkpoint_s"], p["restart_s"]) == (1_800, 300)


def test_a_restart_longer_than_the_checkpoint_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="no job ever makes progress"):
        site_with({"gang.checkpoint_interval_s": 500})
