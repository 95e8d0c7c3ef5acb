"""A whole site: the sum of its mechanisms, read from YAML."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from hybrid_env.sites import effect
from hybrid_env.sites import space as space_rules
from hybrid_env.sites.base import SiteError, SiteModel
from hybrid_env.sites.battery import Battery
from hybrid_env.sites.carbon import Carbon
from hybrid_env.sites.cash import Cash
from hybrid_env.sites.cooling import Cooling
from hybrid_env.sites.curves import LEAST_CAPACITY_FRAC
from hybrid_env.sites.events import Events
from hybrid_env.sites.explain import explain, read_yaml
from hybrid_env.sites.gang import Gang
from hybrid_env.sites.gpu import Gpu
from hybrid_env.sites.meter import Meter
from hybrid_env.sites.mining import Mining
from hybrid_env.sites.network import Network
from hybrid_env.sites.regulation import Regulation
from hybrid_env.sites.reserves import Reserves
from hybrid_env.sites.space import Space
from hybrid_env.sites.supply import Supply
from hybrid_env.sites.tariff import Tariff
from hybrid_env.sites.transformer import MOST_LOAD, Transformer


class Site(SiteModel):
    """Everything that is fixed about a site. What happens to it is in a trace."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str = ""
    interval_s: int = 900
    """Length of an interval: action, metering and settlement."""
    utc_offset_h: float = Field(default=0.0, ge=-12, le=14)
    """Local standard time minus UTC."""
    reward_scale_usd: float = Field(default=1_000.0, gt=0)
    """The reward is the ledger's total divided by this."""
    meter: Meter
    tariff: Tariff = Tariff()
    supply: Supply = Supply()
    network: Network = Network()
    mining: Mining | None = None
    gpu: Gpu | None = None
    gang: Gang = Gang()
    cooling: Cooling
    space: Space | None = None
    battery: Battery | None = None
    transformer: Transformer | None = None
    reserves: Reserves | None = None
    events: Events | None = None
    regulation: Regulation | None = None
    carbon: Carbon = Carbon()
    cash: Cash | None = None

    @field_validator("interval_s")
    @classmethod
    def _divides_an_hour(cls, value: int) -> int:
        if value < 60 or 3600 % value:
            raise ValueError(
                f"interval_s must divide an hour and be at least 60 (300, 900, 3600 are usual); found {value}"
            )
        return value

    @model_validator(mode="after")
    def _computes(self) -> Site:
        if self.mining is None and self.gpu is None:
            raise ValueError("a site needs `mining`, `gpu` or both; it has neither")
        return self

    @model_validator(mode="after")
    def _sells_hash_it_may_have(self) -> Site:
        sold = [name for name in ("forward", "cloud") if getattr(self.network, name) is not None]
        if self.mining is None and sold:
            raise ValueError(f"network.{sold[0]} sells hash, and the site has none; add `mining` or remove it")
        return self

    @model_validator(mode="after")
    def _has_load_to_drop(self) -> Site:
        if self.reserves is not None and self.mining is None and self.battery is None:
            raise ValueError("reserves are held by mining and by a charging battery; the site has neither")
        return self

    @model_validator(mode="after")
    def _settings_have_an_effect(self) -> Site:
        effect.check(self)
        return self

    @model_validator(mode="after")
    def _could_import_the_baseline(self) -> Site:
        if self.events is not None and self.events.baseline_mw > self.meter.import_limit_mw:
            raise ValueError(
                f"events.baseline_mw = {self.events.baseline_mw:g} is more than the site can import"
                f" (meter.import_limit_mw = {self.meter.import_limit_mw:g}); nobody is paid for what it could not draw"
            )
        return self

    @model_validator(mode="after")
    def _notice_ends_within_an_interval(self) -> Site:
        spot = None if self.gpu is None else self.gpu.spot
        if spot is not None and spot.notice_s > self.interval_s:
            raise ValueError(
                f"gpu.spot.notice_s ({spot.notice_s:g}) must not exceed interval_s ({self.interval_s});"
                " give a shorter notice or play longer intervals"
            )
        return self

    @model_validator(mode="after")
    def _withdrawal_is_dear(self) -> Site:
        if self.cash is None:
            return self
        if self.gpu is None or self.gpu.reserved is None:
            raise ValueError("cash: there is no gpu.reserved capacity to withdraw; add tenants or leave cash out")
        if self.gpu.reserved.credit_frac > 1 + self.cash.credit_frac:
            raise ValueError(
                f"gpu.reserved.credit_frac = {self.gpu.reserved.credit_frac:g} must not exceed 1 + cash.credit_frac"
                f" = {1 + self.cash.credit_frac:g}: withdrawing capacity would be cheaper than shedding it"
            )
        return self

    @model_validator(mode="after")
    def _restart_fits(self) -> Site:
        interval_s = self.gang.checkpoint_interval_s
        if not isinstance(interval_s, str) and self.gang.restart_s > interval_s:
            raise ValueError("gang.restart_s must not exceed gang.checkpoint_interval_s, or no job ever makes progress")
        return self

    @model_validator(mode="after")
    def _sleeping_machines_stay_cool(self) -> Site:
        if self.mining is None:
            return self
        asleep_mw = (
            self.mining.sleep_draw_frac
            * self.mining.availability_frac
            * sum(f.nameplate_mw for f in self.mining.fleets)
        )
        least_mw = LEAST_CAPACITY_FRAC * self.cooling.capacity_mw
        if asleep_mw > least_mw:
            raise ValueError(
                f"cooling.capacity_mw = {self.cooling.capacity_mw:g} leaves {least_mw:g} MW on the hottest day,"
                f" less than the {asleep_mw:g} MW of sleeping machines; raise it or lower mining.sleep_draw_frac"
            )
        return self

    @model_validator(mode="after")
    def _transformer_carries_the_connection(self) -> Site:
        connection_mw = max(self.meter.import_limit_mw, self.meter.export_limit_mw)
        if self.transformer is not None and MOST_LOAD * self.transformer.rating_mw < connection_mw:
            raise ValueError(
                f"transformer.rating_mw = {self.transformer.rating_mw:g} would be loaded to more than {MOST_LOAD:g}"
                f" times its rating by the connection of {connection_mw:g} MW; raise it or lower the meter's limits"
            )
        return self

    @model_validator(mode="after")
    def _machines_fit_their_halls(self) -> Site:
        space_rules.check(self)
        return self

    @property
    def interval_h(self) -> float:
        """Length of an interval in hours."""
        return self.interval_s / 3600

    @property
    def hash(self) -> str:
        """First 16 hex digits of the SHA-256 of the site's canonical JSON; names the site in states and results."""
        text = json.dumps(self.model_dump(mode="json", exclude={"description"}), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_site(source: str | Path) -> Site:
    """Read a site from a YAML file, or a packaged site by its name (`"texas_wind"`).

    Raises:
        SiteError: the file is missing, is not YAML, or describes an impossible site; the message names file,
            field, value and what is allowed.
    """
    path = Path(source)
    if path.suffix not in {".yaml", ".yml"}:
        packaged = resources.files("hybrid_env") / "configs" / "site" / f"{source}.yaml"
        if not packaged.is_file():
            known = sorted(
                p.name[:-5]
                for p in (resources.files("hybrid_env") / "configs" / "site").iterdir()
                if p.name.endswith(".yaml")
            )
            raise SiteError(
                f"no site named {str(source)!r}; packaged sites: {', '.join(known)}; or give the path of a .yaml file"
            )
        return site_from_dict(read_yaml(packaged.read_text("utf-8"), str(packaged)), str(packaged))
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise SiteError(f"{path}: no such file; check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SiteError(f"{path}: cannot be read as a UTF-8 text file ({error})") from error
    return site_from_dict(read_yaml(text, str(path)), str(path))


def site_from_dict(data: dict[str, Any], origin: str = "site") -> Site:
    """Validate a mapping as a `Site`; `origin` is named in errors."""
    try:
        return Site.model_validate(data)
    except ValidationError as error:
        raise SiteError(explain(error, origin, Site)) from error
