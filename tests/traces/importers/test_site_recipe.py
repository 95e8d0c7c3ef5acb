"""A recipe of site files alone: an EPW, bitcoin's days, requests, a job log, a spot price become columns and jobs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("pvlib")

from hybrid_env.traces import Trace, TraceError
from hybrid_env.traces.importers.assemble import assemble
from hybrid_env.traces.importers.recipe import load_recipe
from tests.traces.importers.real import real_data
from tests.traces.importers.test_machines import spot
from tests.traces.importers.test_weather import EPW_HEAD, epw_row

RECIPE = """
name: village/2023
first_day: 2023-07-01
last_day: 2023-07-02
utc_offset_h: 1
constants: {price_rt_usd_per_mwh: 40, price_da_usd_per_mwh: 40}
sources:
  - file: weather.epw
    derive: [typical_year, wet_bulb, {solar_power: {tilt_deg: 30}}, wind_power]
    feeds:
      drybulb_c: drybulb_c
      wetbulb_c: wetbulb_c
      solar_cf: {column: solar_cf, between_rows: linear}
      wind_cf: wind_cf
  - file: chain.csv
    derive: [bitcoin_market]
    feeds:
      {btc_usd: btc_usd, difficulty: difficulty, fees_btc_per_block: fees_btc_per_block, subsidy_btc: subsidy_btc}
  - file: requests.jsonl
    derive: [{inference_load: {start_utc: 2023-06-30T23:00:00Z}}]
    feeds: {inference_load: inference_load}
  - file: sacct.txt
    derive:
      - gang_jobs: {start_utc: 2023-06-30T23:00:00Z}
      - training_load: {start_utc: 2023-06-30T23:00:00Z, repeat: day}
    jobs: true
    feeds: {training_load: training_load}
  - file: spot.json
    derive: [{gpu_rent: {gpus_per_machine: 8}}]
    feeds: {gpu_rent_usd_per_gpu_h: gpu_rent_usd_per_gpu_h}
"""


def write_site(folder: Path, last_price: float = 30_300.0) -> Path:
    """The recipe and its files; the weather is of 1985, a typical year by its second year."""
    rows = [epw_row(1995, 1, 1, 1), epw_row(1985, 6, 30, 24)]
    for day in (1, 2):
        for hour in range(1, 25):
            row = epw_row(1985, 7, day, hour, drybulb=f"{10 + hour / 2:.1f}", wind="9.0")
            light = max(0, round(800 * np.sin(np.pi * (hour - 5) / 15))) if 5 < hour < 20 else 0
            rows.append(row.replace(",9999,0,10,", f",{light},0,{light},"))
    rows.append(epw_row(1990, 12, 31, 24))
    (folder / "weather.epw").write_text(EPW_HEAD + "".join(rows), "utf-8")
    days = pd.date_range("2023-06-27", periods=6)
    prices = [30_000.0, 30_100, 30_200, 30_250, 30_280, last_price]
    lines = [f"{day:%Y-%m-%d},144,5e13,28.8,900,{price},1" for day, price in zip(days, prices, strict=True)]
    (folder / "chain.csv").write_text(
        "time,BlkCnt,DiffMean,FeeTotNtv,IssContNtv,PriceUSD,SplyCur\n" + "\n".join(lines), "utf-8"
    )
    items = [{"timestamp": 60_000 * i, "input_length": 1000 + i, "output_length": 100} for i in range(24 * 60)]
    (folder / "requests.jsonl").write_text("\n".join(map(json.dumps, items)), "utf-8")
    log = "JobID|Submit|Start|Elapsed|State|AllocTRES\n" + "".join(
        f"{n}|2024-05-01T{hour:02}:00:00|2024-05-01T{hour:02}:30:00|06:00:00|COMPLETED|gres/gpu={gpus}\n"
        for n, (hour, gpus) in enumerate([(0, 8), (10, 256), (23, 16)])
    )
    (folder / "sacct.txt").write_text(log, "utf-8")
    price = [spot("16.0", "2023-06-30T20:00:00+00:00"), spot("24.0", "2023-07-01T12:00:00+00:00")]
    (folder / "spot.json").write_text(json.dumps(price), "utf-8")
    recipe = folder / "recipe.yaml"
    recipe.write_text(RECIPE, "utf-8")
    return recipe


def made(folder: Path, last_price: float = 30_300.0) -> Trace:
    return assemble(load_recipe(write_site(folder, last_price)), folder).trace


def test_site_files_become_a_trace(tmp_path: Path) -> None:
    trace = made(tmp_path)
    rows = trace.rows.reshape(2, 24, 4)
    assert (len(trace), trace.start.isoformat()) == (192, "2023-06-30T23:00:00+00:00")
    assert np.all(rows["wetbulb_c"] <= rows["drybulb_c"])
    assert rows["drybulb_c"][0, 12, 1:3].mean() == pytest.approx(16.5, abs=0.06)  # 12 to 13 h local is EPW's hour 13
    assert np.all(rows["solar_cf"][:, :4] == 0) and rows["solar_cf"][:, 11:14].min() > 0.4
    assert 0.88 < rows["wind_cf"].min() < rows["wind_cf"].max() < 0.89  # denser air in cool hours
    assert np.all(rows["subsidy_btc"] == 6.25) and np.allclose(rows["fees_btc_per_block"], 0.2)
    assert rows["inference_load"].max() == 1 and rows["inference_load"].min() > 0.5
    assert rows["training_load"].mean() == pytest.approx(0.8, abs=1e-3)
    assert np.all(rows["gpu_rent_usd_per_gpu_h"][0, :13] == 2) and np.all(rows["gpu_rent_usd_per_gpu_h"][1] == 3)
    assert [(job["arrival_row"], job["gpus"], job["gpu_hours"]) for job in trace.jobs] == [(40, 256, 1536)]


def test_origins_say_what_was_modelled(tmp_path: Path) -> None:
    origin = made(tmp_path).origin
    assert {origin[name] for name in ("wetbulb_c", "solar_cf", "wind_cf", "inference_load")} == {"derived"}
    assert origin["drybulb_c"] == "real" and origin["price_rt_usd_per_mwh"] == "given"


def test_a_days_price_is_not_seen_before_the_day_is_over(tmp_path: Path) -> None:
    before, after = tmp_path / "a", tmp_path / "b"
    before.mkdir()
    after.mkdir()
    usual, other = made(before).rows["btc_usd"], made(after, 99.0).rows["btc_usd"]
    # 2 July's close is known at 3 July 00:00 UTC, which is after the trace's last row
    assert np.array_equal(usual, other)
    assert usual[4] == 30_250 and usual[-1] == 30_280


def test_a_typical_year_must_be_laid_on_the_calendar(tmp_path: Path) -> None:
    path = write_site(tmp_path)
    path.write_text(RECIPE.replace("typical_year, ", ""), "utf-8")
    with pytest.raises(TraceError, match=r"put typical_year first: `derive: \[typical_year, wet_bulb, solar_power"):
        assemble(load_recipe(path), tmp_path)


def test_real_files_of_a_site_become_a_month(tmp_path: Path) -> None:
    weather, coins, requests, jobs = (
        real_data(name)
        for name in (
            "texas_2022.csv.gz", "bitcoin_daily_2020-2023.csv", "inference_qps_alibaba_genai.csv.gz",
            "gpu_jobs_alibaba_2023.csv.gz",
        )
    )  # fmt: skip
    text = f"""
name: dallas/2022
first_day: 2022-06-01
last_day: 2022-06-30
utc_offset_h: -6
sources:
  - file: {weather}
    derive: [wet_bulb, {{solar_power: {{tracker: true, latitude_deg: 32.8, longitude_deg: -96.8}}}}, wind_power]
    feeds:
      drybulb_c: drybulb_c
      wetbulb_c: wetbulb_c
      solar_cf: solar_cf
      wind_cf: wind_cf
      price_da_usd_per_mwh: price_usd_per_mwh
      price_rt_usd_per_mwh: price_usd_per_mwh
      carbon_average_kg_per_mwh: carbon_direct_kg_per_mwh
  - file: {coins}
    derive: [bitcoin_market]
    feeds: {{btc_usd: btc_usd, difficulty: difficulty, subsidy_btc: subsidy_btc}}
  - file: {requests}
    derive: [{{inference_load: {{start_utc: 2022-06-01T07:15:00Z}}}}]
    feeds: {{inference_load: inference_load}}
  - file: {jobs}
    derive: [{{gang_jobs: {{start_utc: 2022-02-01T06:00:00Z, gpus_times: 32}}}}]
    jobs: true
"""
    (tmp_path / "recipe.yaml").write_text(text, "utf-8")
    trace = assemble(load_recipe(tmp_path / "recipe.yaml"), tmp_path).trace
    assert len(trace) == 30 * 96
    assert 0.2 < trace.rows["solar_cf"].mean() < 0.4 and 0.1 < trace.rows["wind_cf"].mean() < 0.5
    assert 28 < trace.rows["drybulb_c"].mean() < 31
    assert 15_000 < trace.rows["btc_usd"].min() < trace.rows["btc_usd"].max() < 33_000
    assert len(trace.jobs) > 10
