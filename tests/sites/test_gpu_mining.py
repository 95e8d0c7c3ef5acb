"""How idle GPUs mine."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from hybrid_env.spaces import action_names, observation_fields
from tests.workbench import site_with


def test_the_record_holds_power_and_switching_time_of_at_most_an_interval() -> None:
    p = parameter_record(site_with({"gpu.gpu_mining": {"power_frac": 0.7, "switch_s": 180}}))[0]
    assert (p["pow_power_frac"], p["pow_switch_h"]) == pytest.approx((0.7, 0.05))
    slow = parameter_record(site_with({"gpu.gpu_mining": {"switch_s": 3_600}}))[0]
    assert slow["pow_switch_h"] == 0.25


def test_a_site_without_it_shows_nothing_of_it() -> None:
    without, site = site_with(), site_with({"gpu.gpu_mining": {}})
    assert set(action_names(site)) - set(action_names(without)) == {"gpu_mining"}
    more = {f.name for f in observation_fields(site)} - {f.name for f in observation_fields(without)}
    assert more == {"gpu_pow_usd_per_gpu_h", "gpu_mining_frac"}
