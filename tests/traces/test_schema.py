"""Every trace passes the same checks, and says what is wrong in people's words."""

from datetime import UTC, datetime

import numpy as np
import pytest

from hybrid_env.traces.schema import (
    COLUMNS,
    FORECAST_LEADS_H,
    FORECAST_VARIABLES,
    JOB,
    MAX_OPEN_JOBS,
    TraceError,
    build_trace,
)

START = datetime(2021, 3, 1, 6, tzinfo=UTC)
REQUIRED = [name for name, column in COLUMNS.items() if column.default is None]


def columns(n=96, **changes):
    values = {name: np.full(n, 30.0) for name in REQUIRED}
    return values | {"difficulty": np.full(n, 1.2e14)} | changes


def forecast(n=96):
    return np.zeros((n // 4, len(FORECAST_VARIABLES), len(FORECAST_LEADS_H)), np.float32)


def jobs(*rows):
    table = np.zeros(len(rows), JOB)
    for i, (arrival, deadline) in enumerate(rows):
        table[i] = (arrival, deadline, 256, 512, 2.0, 0, 0.5)
    return table


def build(cols=None, job_table=None, start=START, fc=None, interval_s=900):
    return build_trace(
        "t", start, interval_s, -6, columns() if cols is None else cols, jobs() if job_table is None else job_table,
        forecast() if fc is None else fc,
    )  # fmt: skip


def test_absent_columns_take_their_default_and_say_so():
    trace = build()
    assert (trace.rows["drybulb_c"] == COLUMNS["drybulb_c"].default).all()
    assert trace.origin["drybulb_c"] == "default"


def test_values_are_rounded_to_their_resolution():
    trace = build(columns(price_rt_usd_per_mwh=np.full(96, 12.3456)))
    assert trace.rows["price_rt_usd_per_mwh"][0] == pytest.approx(12.35)


def test_a_difference_in_the_last_bit_does_not_change_the_hash():
    price = np.random.default_rng(0).normal(30, 20, 96)
    other = build(columns(price_rt_usd_per_mwh=np.nextafter(price, np.inf)))
    assert build(columns(price_rt_usd_per_mwh=price)).hash == other.hash


def test_hash_sees_a_cent():
    changed = np.full(96, 30.0)
    changed[50] += 0.01
    assert build().hash != build(columns(price_da_usd_per_mwh=changed)).hash


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        build().rows["btc_usd"][0] = 1


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_required_column_is_named(name):
    cols = columns()
    del cols[name]
    with pytest.raises(TraceError, match=name):
        build(cols)


def test_a_value_out_of_range_is_named_with_row_and_range():
    bad = np.full(96, 20.0)
    bad[7] = 99
    with pytest.raises(TraceError, match=r"drybulb_c, row 7: found .*99.* allowed -50 to 60 C"):
        build(columns(drybulb_c=bad))


def test_a_hole_is_refused():
    bad = np.full(96, 20.0)
    bad[3] = np.nan
    with pytest.raises(TraceError, match="wetbulb_c, row 3"):
        build(columns(wetbulb_c=bad))


def test_a_basis_that_would_make_exports_dearer_than_imports_is_refused():
    with pytest.raises(TraceError, match="basis_gen_usd_per_mwh"):
        build(columns(basis_gen_usd_per_mwh=np.full(96, 1.0)))


def test_an_unknown_column_is_refused():
    with pytest.raises(TraceError, match="unknown column 'prise'"):
        build(columns(prise=np.zeros(96)))


def test_columns_of_different_length_are_refused():
    with pytest.raises(TraceError, match="differ in length"):
        build(columns(btc_usd=np.ones(95)))


def test_a_trace_must_start_at_a_full_hour():
    with pytest.raises(TraceError, match="full hour"):
        build(start=START.replace(minute=15))


def test_coincident_peaks_beyond_the_years_charge_are_refused():
    with pytest.raises(TraceError, match="cp_weight adds up"):
        build(columns(cp_weight=np.full(96, 0.25)))


def test_a_forecast_of_another_shape_is_refused():
    with pytest.raises(TraceError, match="forecast must be float32"):
        build(fc=forecast(48))


def test_a_gang_job_finds_no_slot_only_while_the_table_is_full():
    open_for_long = [(0, 50)] * (MAX_OPEN_JOBS + 1) + [(50, 60)]
    refused = build(job_table=jobs(*open_for_long)).jobs["refused"]
    assert refused.sum() == 1 and refused[MAX_OPEN_JOBS] == 1 and refused[-1] == 0


def test_a_job_whose_deadline_precedes_its_arrival_is_refused():
    with pytest.raises(TraceError, match="must lie in order"):
        build(job_table=jobs((10, 10)))


@pytest.mark.parametrize("u_fail", [-0.1, 1.0, np.nan])
def test_a_jobs_uniform_outside_0_to_1_is_refused(u_fail):
    table = jobs((0, 10))
    table["u_fail"] = u_fail
    with pytest.raises(TraceError, match="u_fail of every job"):
        build(job_table=table)


def test_nothing_fails_and_nothing_is_asked_where_a_source_says_nothing():
    rows = build().rows
    assert all((rows[f"u_fail_{k}"] == 1).all() for k in range(6))
    assert (rows["event_ahead_h"] == 48).all() and (rows["tenant_contract_frac"] == 1).all()
    for quiet in ("event_frac", "reserve_0_usd_per_mw_h", "reserve_2_deploy_frac", "mining_levy_usd_per_mwh"):
        assert (rows[quiet] == 0).all()


def test_the_calendar_is_local_standard_time():
    trace = build()  # 1 March 2021, a Monday, 00:00 local
    assert trace.rows["hour_cos"][0] == 1 and trace.rows["hour_cos"][48] == -1
    assert trace.rows["month"][0] == 3 and trace.rows["weekend"][0] == 0
    saturday = build(start=START.replace(day=6))
    assert saturday.rows["weekend"].all()
