"""ASIC fleets: what the site owns and how quickly it can be woken."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from hybrid_env.sites.base import SiteModel
from hybrid_env.sites.catalogue import asic
from hybrid_env.sites.curves import asic_lines


class Fleet(SiteModel):
    """One group of equal mining machines."""

    model: str
    """Name in the ASIC catalogue (`hybrid_env/sites/catalogue.yaml`)."""
    nameplate_mw: float = Field(gt=0, le=5_000)
    """Power of the whole fleet at 100 % hashrate, fans included."""

    @field_validator("model")
    @classmethod
    def _is_in_the_catalogue(cls, value: str) -> str:
        asic(value)
        return value


class Mining(SiteModel):
    """All fleets and the properties they share. Defaults: domain figures 1.7 to 1.10 (vendor documents and field
    tests).
    """

    fleets: tuple[Fleet, ...] = Field(min_length=1, max_length=4)
    max_hash_frac: float = Field(default=1.2, ge=1.0, le=1.4)
    """Highest overclocking profile, as a share of nameplate hashrate."""
    floor_hash_frac: float = Field(default=0.4, ge=0.2, le=1.0)
    """Lowest profile at which a machine still hashes; below it, machines sleep."""
    sleep_draw_frac: float = Field(default=0.01, ge=0, le=0.1)
    """Draw of a sleeping machine, as a share of nameplate power."""
    availability_frac: float = Field(default=0.95, gt=0, le=1)
    """Share of machines that work (field uptime 92 to 98 %)."""
    boot_s: float = Field(default=360, ge=0, le=7_200)
    """From wake-up to full hashrate; the machine draws power and earns nothing."""
    stagger_share_per_h: float = Field(default=2.4, gt=0, le=60)
    """Largest share of a fleet that may be woken in an hour (20 % in five minutes)."""
    wear_usd_per_mw_start: float = Field(default=20.0, ge=0, le=1_000)
    """Wear of one cold start of a megawatt of machines (0.02 USD/kW)."""
    derate_start_c: float = Field(default=40.0, ge=20, le=60)
    """Hall temperature from which machines slow down (S21 field test: -10 % above 40 C)."""
    derate_frac_per_c: float = Field(default=0.03, ge=0, le=0.5)
    """Share of hashrate lost per kelvin above `derate_start_c`."""

    @model_validator(mode="after")
    def _ordered(self) -> Mining:
        if self.floor_hash_frac >= self.max_hash_frac:
            raise ValueError(
                f"floor_hash_frac ({self.floor_hash_frac:g}) must be below max_hash_frac ({self.max_hash_frac:g})"
            )
        asic_lines(self.floor_hash_frac, self.max_hash_frac, self.sleep_draw_frac)  # refuses a floor that is too low
        return self
