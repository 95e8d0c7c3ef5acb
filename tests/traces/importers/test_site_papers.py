"""What a site has on paper: its tariff, its meter, its demand-response events; and tidy files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hybrid_env.traces.importers import ReadError, read
from hybrid_env.traces.importers.tariffs import energy_price_usd_per_mwh
from tests.traces.importers.real import real_data, real_file, value, written


def test_a_rate_has_matrices_adjustments_and_charges() -> None:
    table = read(real_file("urdb_SCE_TOU-8_Option-D.json"))
    july = table.frame.query("month == 7 and hour == 17 and not weekend").iloc[0]
    assert july["energy_period"] == 5 and july["energy_usd_per_kwh"] == pytest.approx(0.15072 + 0.00114)
    assert july["demand_usd_per_kw"] == 29.54
    assert table.facts["flat_demand_usd_per_kw"] == [25.36] * 12
    assert (table.facts["fixed_charge"], table.facts["fixed_charge_unit"]) == (447.44, "$/month")
    assert table.facts["start_date"] == "2024-10-01"


def rate(schedule_value: int = 1) -> dict:
    schedule = [[0] * 17 + [schedule_value] + [0] * 6 for _ in range(12)]
    return {
        "energyratestructure": [[{"rate": 0.1}], [{"rate": 0.2, "adj": 0.05}, {"rate": 9}]],
        "energyweekdayschedule": schedule,
        "energyweekendschedule": [[0] * 24 for _ in range(12)],
    }


def test_a_rate_is_charged_by_the_local_clock(tmp_path: Path) -> None:
    table = read(written(tmp_path, json.dumps(rate())))
    times = pd.DatetimeIndex(["2024-07-01T22:00Z", "2024-01-02T23:00Z", "2024-07-06T22:00Z"])  # Mo, Tu, Sa in Texas
    price = energy_price_usd_per_mwh(table, times, "America/Chicago")
    np.testing.assert_allclose(price, [250, 250, 100])
    assert any("later tiers" in note.text for note in table.notes)


def test_a_rate_whose_schedule_names_no_period_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"energyweekdayschedule.*found period 7; allowed: 0 to 1"):
        read(written(tmp_path, json.dumps(rate(7))))


def test_green_button_energy_becomes_power() -> None:
    table = read(real_file("greenbutton_SCE_BulkIntervalBlock.xml"))
    assert value(table, "2015-08-13T07:00Z", "power_kw") == pytest.approx(1.08)  # 270 Wh in a quarter of an hour
    assert (len(table.frame), table.interval_s) == (97, 900)


def green_button(unit: int, multiplier: int) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><ReadingType xmlns="http://naesb.org/espi">'
        f"<powerOfTenMultiplier>{multiplier}</powerOfTenMultiplier><uom>{unit}</uom></ReadingType></entry>"
        '<entry><IntervalBlock xmlns="http://naesb.org/espi"><IntervalReading><timePeriod><duration>900</duration>'
        "<start>1439449200</start></timePeriod><value>5</value></IntervalReading></IntervalBlock></entry></feed>"
    )


def test_green_button_obeys_its_power_of_ten(tmp_path: Path) -> None:
    for unit, kilowatts in ((72, 20), (38, 5)):
        table = read(written(tmp_path, green_button(unit, 3)))
        assert value(table, "2015-08-13T07:00Z", "power_kw") == pytest.approx(kilowatts)


def test_green_button_gas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"uom.*found 169; allowed: 72 \(Wh\) or 38 \(W\)"):
        read(written(tmp_path, green_button(169, 0)))


def test_a_power_log_with_moved_years_is_read_with_a_warning() -> None:
    table = read(real_file("site_power_trace_gmt_strings.csv"))
    assert value(table, "2019-12-30T23:00Z", "power_unstated") == 1.061667
    assert any("weekday" in note.text and note.rows == 400 for note in table.notes)
    assert any("unit" in note.text for note in table.notes)


def test_openadr_intervals_follow_one_another() -> None:
    table = read(real_file("openadr_2.0b_oadrDistributeEvent.xml"))
    assert table.frame["value_unstated"].tolist() == [8, 10, 12, 14, 16, 18, 20, 10, 20]
    assert str(table.frame.index[0]) == "2020-12-03 14:23:07.606894+00:00"
    assert (table.interval_s, table.points) == (60, ("LOAD_CONTROL",))
    assert next(iter(table.facts.values()))["unit"] == "V"


def test_hydro_quebec_offers_span_lines() -> None:
    table = read(real_file("hydroquebec_peak_event_offers.csv"))
    last = table.frame.iloc[-1]
    assert len(table.frame) == 75
    assert (last["season_start_date"], last["season_end_date"]) == ("2024-12-01", "2025-03-31")


def test_tidy_files_carry_their_units() -> None:
    table = read(real_data("texas_2021.csv.gz"))
    assert (table.format, table.interval_s) == ("tidy", 3600)
    assert table.frame["price_usd_per_mwh"].max() == pytest.approx(8995, abs=1)
    coins = read(real_data("bitcoin_daily_2020-2023.csv"))
    assert (coins.interval_s, value(coins, "2020-04-12T00:00Z", "subsidy_btc")) == (86_400, 12.5)
    market = read(real_data("market/ercot_hourly_2021.csv.gz"))
    assert value(market, "2021-01-01T06:00Z", "price_da_usd_per_mwh") == 18.21


def test_a_tidy_column_without_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="line 1, column 'price': found a name without unit"):
        read(written(tmp_path, "timestamp_utc,price\n2021-01-01,5\n"))
