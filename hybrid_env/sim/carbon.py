"""Carbon of the energy used, and the certificates that it is matched with hour by hour."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import (
    CARBON_KG,
    CERTIFICATE_MWH,
    CFE_MWH,
    COOLING_MWH,
    GPU_MWH,
    MARGINAL_KG,
    MARKET_KG,
    MATCHED_ADDITIONAL_MWH,
    MATCHED_MWH,
    MATCHED_USD,
    MINING_MWH,
    OWN_USED_MWH,
    STRANDED_MWH,
)
from hybrid_env.sim.table import centre, squash

CARBON_SCALE = 1_000.0
HOUR_SCALE_MWH = 25.0

STATE = [
    ("hour_load_mwh", np.float64), ("hour_cert_mwh", np.float64), ("hour_additional_mwh", np.float64),
    ("hour_grid_cfe_mwh", np.float64), ("spare_cert_mwh", np.float64),
]  # fmt: skip
"""Of the running hour: load, certificates, those that count as additional, and load times the grid's carbon-free share.
`spare_cert_mwh`: certificates that no import has used up yet."""


@part
def account(s, p, row, export_limit, out):
    """Location-based: imports at the grid's average intensity, own generation at its own. Marginal: imports at the
    grid's marginal intensity. Market-based is the same as location-based where no certificates are kept account of.
    """
    own_kg = out.mwh[OWN_USED_MWH] * p.own_kg_per_mwh
    import_mwh = s.import_mw * p.interval_h
    out.kg[CARBON_KG] += s.import_mw * p.interval_h * row.carbon_average_kg_per_mwh + own_kg
    out.kg[MARGINAL_KG] += import_mwh * row.carbon_marginal_kg_per_mwh
    clean = max(0.0, out.mwh[OWN_USED_MWH] - s.generator_used_mw * p.interval_h)  # fuel not burnt is not wasted
    exported = s.export_mw * p.interval_h
    could_go = max(0.0, export_limit - s.export_mw) * p.interval_h
    out.work[STRANDED_MWH] += max(0.0, clean - exported - could_go)
    if p.certificates > 0.0:
        _match(s, p, row, import_mwh, clean, exported, own_kg, out)
    else:
        out.kg[MARKET_KG] += import_mwh * row.carbon_average_kg_per_mwh + own_kg


@part
def contracted_mw(p, row):
    """Certificates that the contracted plant makes."""
    return p.contracted_flat_mw + p.contracted_wind_mw * row.wind_cf + p.contracted_solar_mw * row.solar_cf


@part
def _match(s, p, row, import_mwh, clean, exported_mwh, own_kg, out):
    """Market-based carbon: certificates cover imports (and own energy whose certificates are sold) by volume, from the
    hour they are made on. Sums for the hour's matching go on.
    """
    bought = contracted_mw(p, row) * p.interval_h
    on_site = max(0.0, clean - exported_mwh)
    uncovered = import_mwh + p.own_null * on_site
    s.spare_cert_mwh += bought + p.own_certificates * (clean - on_site)
    covered = min(uncovered, s.spare_cert_mwh)
    s.spare_cert_mwh -= covered
    out.kg[MARKET_KG] += (uncovered - covered) * row.carbon_average_kg_per_mwh + own_kg
    load = out.mwh[MINING_MWH] + out.mwh[GPU_MWH] + out.mwh[COOLING_MWH]
    s.hour_load_mwh += load
    s.hour_grid_cfe_mwh += load * row.grid_cfe_frac
    s.hour_cert_mwh += p.own_certificates * clean + bought
    s.hour_additional_mwh += p.own_additional * clean + p.contracted_additional * bought
    out.work[CERTIFICATE_MWH] += p.own_certificates * clean + bought
    out.usd[MATCHED_USD] -= bought * p.contracted_usd_per_mwh


@part
def close(s, p, row, out):
    """At a full hour (or the episode's end): match load with the hour's certificates, and start the next hour.

    `matched = min(load, certificates)`, carbon-free `matched + (load - matched) g`, g the grid's carbon-free share.
    """
    if p.certificates <= 0.0 or (row % p.rows_per_hour != 0 and row < s.end_row):
        return
    matched = min(s.hour_load_mwh, s.hour_cert_mwh)
    out.work[MATCHED_MWH] += matched
    out.work[MATCHED_ADDITIONAL_MWH] += min(s.hour_load_mwh, s.hour_additional_mwh)
    out.work[CFE_MWH] += matched
    if s.hour_load_mwh > 0.0:
        out.work[CFE_MWH] += (1.0 - matched / s.hour_load_mwh) * s.hour_grid_cfe_mwh
    out.usd[MATCHED_USD] += matched * p.matched_premium_usd_per_mwh
    s.hour_load_mwh = s.hour_cert_mwh = s.hour_additional_mwh = s.hour_grid_cfe_mwh = 0.0


@part
def begin(s):
    """No certificates yet."""
    s.hour_load_mwh = s.hour_cert_mwh = s.hour_additional_mwh = s.hour_grid_cfe_mwh = s.spare_cert_mwh = 0.0


def fields(p: np.void) -> list[Field]:
    """Observed of carbon and, where certificates are kept account of, of their matching."""
    out = []
    if p["import_limit_mw"] > 0:
        out.append(Field("carbon_average_kg_per_mwh", "settled", "centre(x / 1000)", "grid intensity"))
    if p["certificates"] > 0:
        out += [
            Field("carbon_marginal_kg_per_mwh", "settled", "centre(x / 1000)", "emissions of one more MWh"),
            Field("grid_cfe_frac", "settled", "centre", "carbon-free share of the grid's energy"),
            Field("hour_unmatched_mwh", "state", "squash(x / 25)", "load less certificates of the hour so far"),
            Field("contracted_mw", "settled", "squash(x / 25)", "certificates of the contracted plant"),
        ]
    return out


@part
def observe(s, p, last, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.import_limit_mw > 0.0:
        obs[k] = centre(last.carbon_average_kg_per_mwh / CARBON_SCALE)
        k += 1
    if p.certificates > 0.0:
        obs[k] = centre(last.carbon_marginal_kg_per_mwh / CARBON_SCALE)
        obs[k + 1] = centre(last.grid_cfe_frac)
        obs[k + 2] = squash((s.hour_load_mwh - s.hour_cert_mwh) / HOUR_SCALE_MWH)
        obs[k + 3] = squash(contracted_mw(p, last) / HOUR_SCALE_MWH)
        k += 4
    return k
