"""Mining machines one can buy."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import Field

from hybrid_env.sites.base import SiteError, SiteModel


class Asic(SiteModel):
    """One machine at nameplate."""

    hashrate_th_s: float = Field(gt=0)
    power_w: float = Field(gt=0)
    cooling: Literal["air", "hydro"] = "air"
    """What carries its heat off: its own fans, or water through its plates; fans can be taken off for immersion."""

    @property
    def j_per_th(self) -> float:
        """Average energy per terahash at nameplate."""
        return self.power_w / self.hashrate_th_s


@cache
def asics() -> dict[str, Asic]:
    """The whole catalogue by model name."""
    text = (resources.files("hybrid_env") / "sites" / "catalogue.yaml").read_text("utf-8")
    return {name: Asic.model_validate(row) for name, row in yaml.safe_load(text)["asic"].items()}


def asic(model: str) -> Asic:
    """Look a machine up by name.

    Raises:
        SiteError: no such machine; the message lists those there are.
    """
    if model not in asics():
        raise SiteError(f"no ASIC named {model!r} in the catalogue; known: {', '.join(asics())}")
    return asics()[model]
