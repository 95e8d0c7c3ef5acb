"""What an agent's YAML file may say. Every field is a number, a name or a list; nothing in it is ever run as code."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from hybrid_env.sim.action import ACTIONS


class Settings(BaseModel):
    """A part of an agent's configuration: unknown fields, wrong types, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Reward(Settings):
    """The training reward. Evaluation never sees it: scores are always the ledger's own money."""

    paired: bool = True
    """Subtract what the naive policy earns on the same row of the same year: a baseline that no action changes."""
    expected_peaks: bool = True
    """Charge coincident peaks at their expected weight given the load forecast, not at the four rows they fell on."""
    scale_usd: float = Field(default=2_000.0, gt=0)
    """USD that count as one unit of reward."""
    clip: float = Field(default=10.0, gt=0)
    """Largest reward of one interval, either way."""


class _Agent(Settings):
    """What all recipes share."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+]{0,40}$")
    """Under which runs and results are filed."""
    total_steps: int = Field(gt=0, le=10_000_000_000)
    """Site-intervals to train for, over all lanes."""
    lanes: int = Field(gt=0, le=65_536)
    """Sites that are trained on at once."""
    threads: int = Field(default=1, gt=0, le=256)
    """Threads of the network's arithmetic. Results are equal to the bit only for an equal number."""
    hidden: tuple[int, ...] = Field(default=(64, 64), min_length=1)
    """Units of the hidden layers."""
    activation: Literal["tanh", "relu"] = "tanh"
    actions: dict[str, float] = Field(min_length=1)
    """Actions the agent may move -> standard deviation of its first trials. All others are left as naive has them."""
    gamma: float = Field(gt=0, le=1)
    """Discount of one interval."""
    learning_rate: float = Field(gt=0, lt=1)
    reward: Reward = Reward()
    validate_every_steps: int = Field(gt=0)
    """Steps between two looks at the validation years."""
    validation_weeks: int = Field(default=8, gt=0, le=52)
    """Weeks of each validation year that are looked at, spread over the year."""
    checkpoint_every_steps: int = Field(gt=0)

    @model_validator(mode="after")
    def _actions_exist(self) -> _Agent:
        for name, spread in self.actions.items():
            if name not in ACTIONS:
                raise ValueError(f"actions: there is no action {name!r}; known: {', '.join(ACTIONS)}")
            if not 0 < spread <= 2:
                raise ValueError(f"actions.{name}: the standard deviation must lie in (0, 2]; found {spread}")
        return self

    @property
    def free(self) -> tuple[str, ...]:
        """The actions the agent may move, in the site's order."""
        return tuple(name for name in ACTIONS if name in self.actions)


class PPOConfig(_Agent):
    """Proximal policy optimisation (Schulman et al. 2017), as Stable-Baselines3 has it."""

    algorithm: Literal["ppo"]
    final_learning_rate_frac: float = Field(default=1.0, ge=0, le=1)
    """The learning rate falls linearly to this share of its start."""
    steps_per_lane: int = Field(gt=0)
    """Intervals of each lane between two updates."""
    minibatch: int = Field(gt=1)
    epochs: int = Field(gt=0)
    gae_lambda: float = Field(ge=0, le=1)
    clip_range: float = Field(gt=0)
    entropy_bonus: float = Field(default=0.0, ge=0)
    value_weight: float = Field(default=0.5, ge=0)
    max_grad_norm: float = Field(default=0.5, gt=0)

    @model_validator(mode="after")
    def _minibatch_fits(self) -> PPOConfig:
        rollout = self.lanes * self.steps_per_lane
        if rollout % self.minibatch:
            raise ValueError(
                f"minibatch: {self.minibatch} does not divide a rollout of lanes x steps_per_lane = {rollout}; "
                "choose a divisor"
            )
        return self


class SACConfig(_Agent):
    """Soft actor-critic (Haarnoja et al. 2018), as Stable-Baselines3 has it."""

    algorithm: Literal["sac"]
    buffer_steps: int = Field(gt=0)
    """Transitions kept. They are not part of a checkpoint: after an interruption the buffer fills anew."""
    start_steps: int = Field(ge=0)
    """Random steps before learning."""
    minibatch: int = Field(gt=1)
    tau: float = Field(gt=0, le=1)
    updates_per_step: int = Field(gt=0)
    """Gradient steps each time all lanes have moved once."""


AgentConfig = PPOConfig | SACConfig
agent_adapter: TypeAdapter[AgentConfig] = TypeAdapter(Annotated[AgentConfig, Field(discriminator="algorithm")])
"""Validates either recipe by its `algorithm`."""
