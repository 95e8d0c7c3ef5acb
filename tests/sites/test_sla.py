"""Service tiers as the kernel and the planner read them."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.sla import hull_credit_frac
from tests.workbench import site_with

TIERS = ((0.999, 0.10), (0.99, 0.25), (0.95, 1.0))


def test_planners_credit_missed_hours_at_the_hull_of_the_steps() -> None:
    p = parameter_record(site_with({"gpu.inference.sla_tiers": TIERS}))[0]
    assert p["n_sla_tiers"] == 3
    assert p["inference_credit_frac"] == pytest.approx(1 / 0.999) and p["inference_lost_frac"] == 0
    assert parameter_record(site_with())[0]["inference_lost_frac"] == 1


@pytest.mark.parametrize("tiers", [TIERS, ((0.8, 0.5),), ((0.999, 0.1), (0.5, 0.2)), ((0.99, 0.01), (0.98, 1.0))])
def test_the_hull_is_never_above_the_steps(tiers: tuple[tuple[float, float], ...]) -> None:
    missed = np.linspace(0, 1, 10_001)
    steps = np.max([np.where(missed > 1 - x + 1e-12, c, 0.0) for x, c in tiers], axis=0)
    hull = hull_credit_frac(tiers) * np.maximum(0.0, missed - (1 - tiers[0][0]))
    assert (hull <= steps + 1e-9).all()


@pytest.mark.parametrize(
    "tiers, said", [([], "1 to 4 pairs"), ([[0.9, 0.1], [0.95, 0.2]], "must fall"), ([[0.9, 0.2], [0.8, 0.2]], "rise")]
)
def test_tiers_that_are_no_schedule_are_refused(tiers: list[list[float]], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        site_with({"gpu.inference.sla_tiers": tiers})
