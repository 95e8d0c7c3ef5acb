"""Profit, carbon and service as a vector reward, by the convention of MO-Gymnasium."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from hybrid_env.batch import Floats
from hybrid_env.sites.units import KG_PER_T
from hybrid_env.wrappers.own import site_env

UNSERVED = ("gpu_h_undelivered", "gpu_h_late")


class VectorReward(gymnasium.Wrapper[Floats, Any, Floats, Any], gymnasium.utils.RecordConstructorArgs):
    """Pays three rewards instead of one, float32 [3]; all are to be maximised.

    | # | name | meaning |
    | --- | --- | --- |
    | 0 | `profit` | the environment's own reward: USD over the site's `reward_scale_usd` |
    | 1 | `carbon` | minus tonnes of CO2 of the energy used, location-based |
    | 2 | `sla` | minus GPU-hours not delivered or late, over `sla_scale_gpu_h` |

    MO-Gymnasium and what builds on it read `env.unwrapped.reward_space`, so that is set as well. For one weighted sum
    use its `LinearReward`, or Gymnasium's `TransformReward`.

    Args:
        env: a `HybridEnv`, with or without wrappers.
        sla_scale_gpu_h: GPU-hours that cost 1.
    """

    reward_names = ("profit", "carbon", "sla")

    def __init__(self, env: gymnasium.Env[Floats, Any], sla_scale_gpu_h: float = 1_000.0) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self, sla_scale_gpu_h=sla_scale_gpu_h)
        super().__init__(env)
        if not 0 < sla_scale_gpu_h < np.inf:
            raise ValueError(f"sla_scale_gpu_h must be a positive number; found {sla_scale_gpu_h!r}")
        base = site_env(env)
        self.sla_scale_gpu_h = sla_scale_gpu_h
        self.reward_space = spaces.Box(
            np.full(len(self.reward_names), -np.inf, np.float32), np.array([np.inf, 0, 0], np.float32), dtype=np.float32
        )
        self._carbon = base.kg_accounts.index("carbon_location")
        self._unserved = [base.work_measures.index(name) for name in UNSERVED]
        self._tell_base()

    def _tell_base(self) -> None:
        self.unwrapped.reward_space = self.reward_space  # type: ignore[attr-defined]

    def step(self, action: Any) -> tuple[Floats, Floats, bool, bool, dict[str, Any]]:  # type: ignore[override]
        """As the environment, with three rewards."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        rewards = np.array(
            [
                reward, -info["ledger_kg"][self._carbon] / KG_PER_T,
                -info["work"][self._unserved].sum() / self.sla_scale_gpu_h,
            ],
            np.float32,
        )  # fmt: skip
        return observation, rewards, terminated, truncated, info

    def __setstate__(self, saved: dict[str, Any]) -> None:
        vars(self).update(saved)
        self._tell_base()
