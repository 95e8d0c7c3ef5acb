"""Every action and observation, declared once: name, unit, range, when it is known, and what it means.

Each mechanism declares what it shows beside the code that shows it (`hybrid_env/sim/<mechanism>.py`); a site has only
what its mechanisms need. `docs/spaces.md` is made from these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from gymnasium import spaces

from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import KG_ACCOUNTS, MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sim.observe import fields
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.reserves import MAX_PRODUCTS
from hybrid_env.sites.site import Site


@dataclass(frozen=True)
class Action:
    """One action.

    Attributes:
        name: as in `hybrid_env.sim.action.ACTIONS`.
        scale: what the number means.
        meaning: one line.
        present: whether a site, given its parameter record, has it.
    """

    name: str
    scale: str
    meaning: str
    present: Callable[[np.void], bool]


_SHARE = "share (a + 1) / 2"

ACTION_FIELDS = (
    Action(
        "mining", _SHARE, "share of what GPU work, cooling and battery leave (control per_fleet: of the first fleet)",
        lambda p: p["n_fleets"] > 0,
    ),
    Action(
        "reserved", _SHARE, "cap of take-or-pay tenants: -1 the deepest contracted, +1 none",
        lambda p: p["reserved_gpus"] > 0,
    ),
    Action(
        "inference", _SHARE, "power cap of inference: -1 the lowest cap allowed, +1 uncapped",
        lambda p: p["inference_gpus"] > 0,
    ),
    Action("training", _SHARE, "training and gang jobs: -1 paused, +1 uncapped", lambda p: p["training_gpus"] > 0),
    Action("spot", _SHARE, "power of spot rental: -1 off, +1 uncapped", lambda p: p["spot_gpus"] > 0),
    Action(
        "battery", "MW / power_mw", "-1 charge at full power, +1 discharge at full power", lambda p: p["battery_mw"] > 0
    ),
    Action("setpoint", _SHARE, "supply temperature of the GPU hall: -1 lowest, +1 highest", lambda p: p["gpus"] > 0),
    Action("mining_1", _SHARE, "the same for the second fleet", lambda p: p["per_fleet"] and p["n_fleets"] > 1),
    Action("mining_2", _SHARE, "the same for the third fleet", lambda p: p["per_fleet"] and p["n_fleets"] > 2),
    Action("mining_3", _SHARE, "the same for the fourth fleet", lambda p: p["per_fleet"] and p["n_fleets"] > 3),
    Action(
        "on_demand", _SHARE, "power of on-demand rental: -1 off, +1 uncapped", lambda p: p["on_demand_gpus"] > 0
    ),
    Action(
        "asking_price", "nearest of the menu", "price asked of on-demand customers: -1 the lowest, +1 the highest",
        lambda p: p["on_demand_gpus"] > 0,
    ),
    Action(
        "admission", "5 (a + 1) / 2 USD/GPU-h", "floor on a gang job's bid; a job below it is turned away",
        lambda p: p["admission"] == 1 and p["training_gpus"] > 0,
    ),
    Action("gpu_mining", _SHARE, "idle GPUs that mine a proof-of-work coin", lambda p: p["pow_power_frac"] > 0),
    *(
        Action(
            f"reserve_{k}", _SHARE,
            f"offer of reserve product {k} for the next hour, share of the most that may be sold; read at the gate",
            lambda p, k=k: p["n_reserves"] > k,
        )
        for k in range(MAX_PRODUCTS)
    ),
    Action(
        "water", _SHARE, "water before the grid: -1 keeps what the pond can hold, +1 uses all that is at hand",
        lambda p: p["pond_mwh"] > 0 and p["import_limit_mw"] > 0,
    ),
)  # fmt: skip


def action_names(site: Site) -> tuple[str, ...]:
    """The actions a site has, in order; all others stand at their default."""
    p = parameter_record(site)[0]
    return tuple(action.name for action in ACTION_FIELDS if action.present(p))


def observation_fields(site: Site) -> list[Field]:
    """The site's own observation, in order, as each mechanism declares it."""
    return fields(parameter_record(site)[0])


def action_space(site: Site) -> spaces.Box[np.float32]:
    """`Box(-1, 1)`, one number for each of `action_names`."""
    return spaces.Box(-1.0, 1.0, (len(action_names(site)),), np.float32)


def observation_space(site: Site) -> spaces.Box[np.float32]:
    """`Box(-1, 1)`, one number a field of `observation_fields`."""
    return spaces.Box(-1.0, 1.0, (len(observation_fields(site)),), np.float32)


def spaces_page(site: Site) -> str:
    """Markdown of `docs/spaces.md`: every action, every observation of a site, every account."""
    names, observed = action_names(site), observation_fields(site)
    lines = [
        "# Actions, observations and accounts",
        "",
        "Made from `hybrid_env/spaces.py` and `hybrid_env/sim/ledger.py`; a test keeps it current.",
        "",
        "## Actions",
        "",
        f"A site has those it has use for; `{site.name}` has {len(names)}: {', '.join(names)}:",
        f"`Box(-1, 1, ({len(names)},), float32)`. What cannot be done is cut back and reported in `clipped_mw`.",
        "",
        *_table([(action.name, action.scale, action.meaning) for action in ACTION_FIELDS], "name", "scale", "meaning"),
        "",
        "## Observations",
        "",
        f"`Box(-1, 1, ({len(observed)},), float32)` for the site `{site.name}`; other sites show what they have.",
        "`centre(x) = 2 x - 1` (clipped), `squash(x) = x / (1 + |x|)`. *Known*: `now` as the interval starts,",
        "`settled` of the last interval, `forecast` as issued at the start of this hour, `state` of the site itself.",
        "The pool is all GPUs that are not reserved.",
        "",
        *_table([(f.name, f.known, f.scale, f.meaning) for f in observed], "name", "known", "scale", "meaning"),
        "",
        "## Accounts",
        "",
        "Dollars (`ledger_usd`, income positive; their sum over `reward_scale_usd` is the reward): "
        + _names(USD_ACCOUNTS),
        "",
        "Energy in MWh (`ledger_mwh`): " + _names(MWH_ACCOUNTS),
        "",
        "Carbon in kg (`ledger_kg`): " + _names(KG_ACCOUNTS),
        "",
        "Work (`work`; hours, counts, megawatts as named): " + _names(WORK_MEASURES),
    ]
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[tuple[str, ...]], *head: str) -> list[str]:
    quoted = [[str(i), f"`{name}`", *rest[:-2], f"`{rest[-2]}`", rest[-1]] for i, (name, *rest) in enumerate(rows)]
    return [f"| {' | '.join(row)} |" for row in [["#", *head], ["---"] * (len(head) + 1), *quoted]]


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) + "."
