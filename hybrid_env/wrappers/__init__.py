"""Other actions, rewards, costs and observations for a single site; `docs/wrappers.md` says which for what."""

from hybrid_env.wrappers.cost import ConstraintCost
from hybrid_env.wrappers.discrete import DiscreteActions
from hybrid_env.wrappers.frames import LastObservations
from hybrid_env.wrappers.price_space import PriceActions
from hybrid_env.wrappers.residual import ResidualActions
from hybrid_env.wrappers.sensors import SensorFaults, VectorSensorFaults
from hybrid_env.wrappers.vector_reward import VectorReward

__all__ = [
    "ConstraintCost",
    "DiscreteActions",
    "LastObservations",
    "PriceActions",
    "ResidualActions",
    "SensorFaults",
    "VectorReward",
    "VectorSensorFaults",
]
