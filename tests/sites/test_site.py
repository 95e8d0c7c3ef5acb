"""A site is read strictly: what is wrong is named by file, field, value and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from hybrid_env.sites.base import SiteError
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import Site, load_site, site_from_dict
from tests.strategies import sites
from tests.workbench import description_with, site_with


def written(folder: Path, changes: dict | None = None, text: str | None = None) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text if text is not None else yaml.safe_dump(description_with(changes or {})), "utf-8")
    return path


def test_a_site_file_is_read(tmp_path: Path) -> None:
    assert load_site(written(tmp_path)) == site_with()


def test_packaged_sites_are_read_by_name() -> None:
    assert load_site("texas_wind").name == "texas_wind"


def test_an_unknown_name_lists_the_packaged_sites() -> None:
    with pytest.raises(SiteError, match=r"'texas'.*texas_wind.*\.yaml"):
        load_site("texas")


WRONG = [
    ({"meter.import_limit": 5}, "meter.import_limit", "unknown field: check the spelling"),
    ({"metre": {}}, "metre", "unknown field"),
    ({"meter.import_limit_mw": -1}, "meter.import_limit_mw", r"greater than or equal to 0 \(found -1\)"),
    ({"meter.import_limit_mw": "much"}, "meter.import_limit_mw", r"number; found 'much'"),
    ({"meter.import_limit_mw": float("nan")}, "meter.import_limit_mw", r"finite.*nan"),
    ({"meter.import_limit_mw": float("inf")}, "meter.import_limit_mw", r"finite.*inf|less than"),
    ({"meter.import_limit_mw": None}, "meter.import_limit_mw", "None"),
    ({"meter.import_limit_mw": [1]}, "meter.import_limit_mw", r"number.*\[1\]"),
    ({"gpu.gpus": 10.5}, "gpu.gpus", r"integer.*10\.5"),
    ({"gpu.idle_kw": 2}, "gpu", r"idle_kw \(2\) must be below busy_kw \(1\)"),
    ({"gpu.reserved.gpus": 9_000}, "gpu", "11000 exceeds gpus = 10000"),
    ({"gpu.training.arrival_share": [1] * 8}, "gpu.training", "they add to 8"),
    ({"interval_s": 700}, "interval_s", "divide an hour.*700"),
    ({"name": "No Name"}, "name", "No Name"),
    ({"mining.fleets": []}, "mining.fleets", "at least 1"),
    ({"mining.fleets": [{"model": "S99", "nameplate_mw": 1}]}, "mining.fleets.0.model", "S99.*known: .*S21"),
    ({"mining.floor_hash_frac": 1.0, "mining.max_hash_frac": 1.0}, "mining", "floor_hash_frac"),
    (
        {"mining.floor_hash_frac": 0.2, "mining.sleep_draw_frac": 0},
        "mining",
        r"floor_hash_frac = 0\.2; raise the floor",
    ),
    ({"cooling.setpoint_min_c": 30}, "cooling", "setpoint_min_c < setpoint_max_c"),
    ({"cooling.mining_hall_trip_c": 30}, "cooling", "mining_hall_setpoint_c must be below"),
    ({"cooling.setpoint_gain_frac_per_c": 0.1, "cooling.setpoint_min_c": 15}, "cooling", "would make cooling free"),
    ({"battery.soc_min_frac": 0.96}, "battery", "soc_min_frac must be below soc_max_frac"),
    ({"gang.restart_s": 5_000}, "whole file", "restart_s must not exceed gang.checkpoint_interval_s"),
    ({"cooling.capacity_mw": 0.1}, "whole file", r"cooling.capacity_mw = 0\.1 leaves 0\.04 MW"),
]


@pytest.mark.parametrize(("changes", "field", "allowed"), WRONG, ids=lambda x: str(x)[:60])
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict, field: str, allowed: str) -> None:
    path = written(tmp_path, changes)
    with pytest.raises(SiteError, match=allowed) as caught:
        load_site(path)
    assert str(path) in str(caught.value) and field in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, {"meter.import_limit_mw": -1, "gpu.gpus": 0})
    with pytest.raises(SiteError) as caught:
        load_site(path)
    assert len(str(caught.value).splitlines()) == 2


TAGS = [
    "name: !!python/object/apply:os.system ['echo']",
    "!!python/object:hybrid_env.sites.site.Site {}",
    "name: !!python/name:os.system",
    "!!python/object/new:type {}",
]


@pytest.mark.parametrize("text", TAGS)
def test_a_tag_that_names_code_is_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text=text)
    with pytest.raises(SiteError, match="not valid YAML"):
        load_site(path)


@pytest.mark.parametrize("text", ["", "- a\n- b", "5", "a: [", "a: b: c"])
def test_what_is_no_mapping_is_refused_with_the_files_name(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text=text)
    with pytest.raises(SiteError, match=r"mine\.yaml"):
        load_site(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"none\.yaml: no such file"):
        load_site(tmp_path / "none.yaml")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: caf\xe9".encode("latin-1"))
    with pytest.raises(SiteError, match=r"latin\.yaml: cannot be read as a UTF-8"):
        load_site(path)


def test_a_site_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        site_with().name = "other"  # type: ignore[misc]


def test_the_hash_names_everything_but_the_description() -> None:
    site = site_with()
    assert site.hash == site_with({"description": "a word more"}).hash
    assert site.hash != site_with({"mining.boot_s": 1}).hash


@settings(max_examples=30)
@given(site=sites())
def test_any_valid_site_survives_its_own_description(site: Site) -> None:
    assert site_from_dict(site.model_dump(mode="json")) == site


@settings(max_examples=50)
@given(site=sites())
def test_any_valid_site_has_a_finite_record(site: Site) -> None:
    record = parameter_record(site)
    for name in record.dtype.names or ():
        assert abs(record[name]).max() < 1e12, name
