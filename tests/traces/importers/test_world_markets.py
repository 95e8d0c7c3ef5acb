"""Canada, Europe, Japan and Australia: standard time, summer time, positions, encodings, interval ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hybrid_env.traces.importers import ReadError, read
from tests.traces.importers.real import real_file, value, written

EUR = "price_eur_per_mwh"


def test_ieso_is_standard_time_all_year(tmp_path: Path) -> None:
    table = read(real_file("ieso_RealtimeConstTotals_2017070101.xml"))
    assert value(table, "2017-07-01T05:00Z", "power_mw", "ONTARIO DEMAND") == 13531.9
    assert table.interval_s == 300


def test_ieso_yearly_files(tmp_path: Path) -> None:
    head = "\\\\Yearly report,,,\n\\\\Created at 2024-01-01,,,\n\\\\For 2023,,,\n"
    demand = read(written(tmp_path, head + "Date,Hour,Market Demand,Ontario Demand\n2023-07-01,1,15000,13000\n"))
    assert value(demand, "2023-07-01T05:00Z", "load_mw", "Ontario Demand") == 13000
    price = read(written(tmp_path, head + "Date,Hour,HOEP,OR 10 Min Sync\n2023-07-01,24,25.5,3\n"))
    assert value(price, "2023-07-02T04:00Z", "price_cad_per_mwh", "HOEP") == 25.5


def test_aeso_report_is_one_moment() -> None:
    table = read(real_file("pyiso_aeso_latest_electricity_market_report.csv"))
    assert value(table, "2017-07-14T01:26Z", "power_mw", "Alberta Internal Load (AIL)") == 10270
    assert value(table, "2017-07-14T01:26Z", "power_mw", "WIND generation") == 542


def test_aeso_pool_price_stars_the_repeated_hour(tmp_path: Path) -> None:
    head = 'Historical Pool Price\n\n"November 03, 2024"\n\nDate (HE),Price ($),30Ravg ($),AIL Demand (MW)\n'
    rows = ['"11/03/2024 02","20.5","1","9000.0"', '"11/03/2024 02*","21.5","1","9001.0"']
    table = read(written(tmp_path, head + "\n".join(rows)))
    assert value(table, "2024-11-03T07:00Z", "price_cad_per_mwh") == 20.5
    assert value(table, "2024-11-03T08:00Z", "load_mw") == 9001


def test_nb_power_says_which_hour_is_daylight() -> None:
    table = read(real_file("pyiso_nbpower_2017-11-05_00.csv"))
    assert value(table, "2017-11-05T04:00Z", "load_forecast_mw") == 1266
    assert value(table, "2017-11-05T05:00Z", "load_forecast_mw") == 1261
    assert any("1 intervals are absent" in note.text for note in table.notes)  # 02:00 is missing in the source


def test_hydro_quebec_rows_are_sorted_and_blanks_stay_missing() -> None:
    table = read(real_file("hydroquebec_demande_20260702.csv"))
    assert value(table, "2026-07-02T04:30Z", "load_mw") == 16616
    assert np.isnan(value(table, "2026-07-04T03:45Z", "load_mw"))
    assert table.frame.index.is_monotonic_increasing and int(table.frame["load_mw"].isna().sum()) == 63
    assert any("is blank" in note.text and note.rows == 63 for note in table.notes)


def test_entsoe_prices_are_on_central_european_clocks_even_in_finland() -> None:
    table = read(real_file("entsoe_day_ahead_prices_FI_2020.csv"))
    price = {
        "2020-02-09T23:00Z": -0.09, "2020-03-29T00:00Z": 4.44, "2020-03-29T01:00Z": 4.11, "2020-10-25T00:00Z": 7.28,
        "2020-10-25T01:00Z": 6.65,
    }  # fmt: skip
    assert {time: value(table, time, EUR) for time in price} == price
    assert [(note.rows, note.lines) for note in table.notes if note.kind == "dropped"] == [(1, (76,))]
    assert table.facts["area"] == "FI"


def test_entsoe_new_pages_name_the_clock_of_each_stamp(tmp_path: Path) -> None:
    text = (
        '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)"\n'
        '"26/10/2025 02:45:00 (CEST) - 26/10/2025 02:00:00 (CET)","BZN|FI","Without Sequence","1.5"\n'
        '"26/10/2025 02:00:00 (CET) - 26/10/2025 02:15:00 (CET)","BZN|FI","Without Sequence","2.5"\n'
    )
    table = read(written(tmp_path, text))
    assert value(table, "2025-10-26T00:45Z", EUR, "BZN|FI") == 1.5
    assert value(table, "2025-10-26T01:00Z", EUR, "BZN|FI") == 2.5


def test_entsoe_load_in_semicolons_and_blanks(tmp_path: Path) -> None:
    text = (
        "Time (CET/CEST);Day-ahead Total Load Forecast [MW] - BZN|FI;Actual Total Load [MW] - BZN|FI\n"
        "01.01.2020 00:00 - 01.01.2020 01:00;9000;9100\n01.01.2020 01:00 - 01.01.2020 02:00;9000;n/e\n"
    )
    table = read(written(tmp_path, text))
    assert value(table, "2019-12-31T23:00Z", "load_mw") == 9100
    assert np.isnan(value(table, "2020-01-01T00:00Z", "load_mw"))


def test_entsoe_xml_counts_positions() -> None:
    table = read(real_file("pyiso_eu_de_load.xml"))
    assert value(table, "2017-10-29T20:00Z", "load_mw", "10YDE-EON------1") == 16698
    assert (table.interval_s, len(table.frame)) == (900, 16)


def price_xml(curve: str) -> str:
    points = "".join(
        f"<Point><position>{i}</position><price.amount>{p}</price.amount></Point>" for i, p in ((1, 10), (3, 30))
    )
    return (
        '<Publication_MarketDocument xmlns="urn:x"><TimeSeries><in_Domain.mRID>A</in_Domain.mRID>'
        f"<currency_Unit.name>EUR</currency_Unit.name><curveType>{curve}</curveType><Period><timeInterval>"
        "<start>2025-10-25T22:00Z</start><end>2025-10-25T23:00Z</end></timeInterval><resolution>PT15M</resolution>"
        f"{points}</Period></TimeSeries></Publication_MarketDocument>"
    )


@pytest.mark.parametrize(("curve", "prices"), [("A03", [10, 10, 30, 30]), ("A01", [10, np.nan, 30, np.nan])])
def test_entsoe_curves_say_what_an_absent_position_means(tmp_path: Path, curve: str, prices: list[float]) -> None:
    table = read(written(tmp_path, price_xml(curve)))
    np.testing.assert_array_equal(table.at("A").frame[EUR], prices)
    assert any(note.kind == "filled" and note.rows == 2 for note in table.notes) == (curve == "A03")


def test_entsoe_refusals_are_told(tmp_path: Path) -> None:
    reason = "<Reason><text>No matching data</text></Reason>"
    text = f"<Acknowledgement_MarketDocument>{reason}</Acknowledgement_MarketDocument>"
    with pytest.raises(ReadError, match="No matching data"):
        read(written(tmp_path, text))


def test_nord_pool_has_no_break_spaces_and_both_change_days() -> None:
    table = read(real_file("nordpool_elspot-prices_2018_hourly_eur.csv"))
    price = {"2018-03-25T01:00Z": 38.35, "2018-10-28T00:00Z": 41.62, "2018-10-28T01:00Z": 41.59}
    assert {time: value(table, time, EUR, "SYS") for time in price} == price
    assert "Tromsø" in table.points
    assert [note.lines for note in table.notes if note.kind == "dropped"] == [(30,)]


def test_nord_pool_decimal_commas_and_other_currencies(tmp_path: Path) -> None:
    text = 'Elspot Prices in NOK/MWh,,\n\nDate,Hours,SYS\n01-01-2018,00\u00a0-\u00a001,"310,25"\n'
    assert value(read(written(tmp_path, text)), "2017-12-31T23:00Z", "price_nok_per_mwh", "SYS") == 310.25


def test_jepx_half_hours_in_shift_jis() -> None:
    table = read(real_file("jepx_spot_summary_2023_apr.csv"))
    yen = "price_jpy_per_mwh"
    assert value(table, "2023-03-31T15:00Z", yen, "system") == 10480
    assert value(table, "2023-03-31T15:00Z", yen, "Tokyo") == 14680
    assert value(table, "2023-04-01T14:30Z", yen, "system") == 10720
    assert (table.interval_s, len(table.points)) == (1800, 10)


def test_jepx_refuses_a_49th_half_hour(tmp_path: Path) -> None:
    path = tmp_path / "spot"
    path.write_bytes("受渡日,時刻コード,システムプライス(円/kWh)\r\n2023/4/1,49,10.5\r\n".encode("cp932"))
    with pytest.raises(ReadError, match=r"line 2.*found 49; allowed: 1 to 48"):
        read(path)


def test_aemo_stamps_end_their_interval_without_daylight_saving() -> None:
    table = read(real_file("aemo_PRICE_AND_DEMAND_202410_VIC1_piece.csv"))
    price = {"2024-10-05T16:00Z": -39.01, "2024-10-28T05:00Z": -1000, "2024-10-31T13:55Z": 69}
    assert {time: value(table, time, "price_aud_per_mwh", "VIC1") for time in price} == price
    assert table.interval_s == 300
