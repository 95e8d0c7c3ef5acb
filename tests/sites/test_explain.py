"""YAML is read strictly, and mistakes are explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from hybrid_env.sites.base import SiteError
from hybrid_env.sites.explain import allowed_range, read_yaml
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import Site, load_site, site_from_dict

ROOT = Path(__file__).parents[2]


def test_a_key_that_stands_twice_is_refused_with_its_place() -> None:
    with pytest.raises(SiteError, match=r"mine.*'wind_mw' stands twice(.|\n)*line 2"):
        read_yaml("supply:\n  {wind_mw: 80, wind_mw: 0}", "mine.yaml")


@pytest.mark.parametrize("value", [True, "80"])
def test_what_is_no_number_is_not_taken_for_one(value: object) -> None:
    data = load_site("texas_wind").model_dump()
    data["supply"]["wind_mw"] = value
    with pytest.raises(SiteError, match=r"supply\.wind_mw: must be a number; found .*allowed: >= 0, <= 10000"):
        site_from_dict(data)


def test_the_whole_range_is_named_whichever_side_is_broken() -> None:
    assert allowed_range(Site, ("battery", "power_mw")) == "; allowed: > 0, <= 10000"
    assert allowed_range(Site, ("mining", "fleets", 0, "nameplate_mw")) == "; allowed: > 0, <= 5000"
    assert allowed_range(Site, ("name",)) == ""
    assert allowed_range(Site, ("nothing", "here")) == ""


def test_what_was_found_is_said_once() -> None:
    data = load_site("texas_wind").model_dump() | {"interval_s": 700}
    with pytest.raises(SiteError) as error:
        site_from_dict(data)
    assert str(error.value).count("found 700") == 1


def field_names(model: type[BaseModel]) -> set[str]:
    """Names of all fields of a model and of the models in it."""
    names, waiting = set(), [model]
    while waiting:
        for name, field in waiting.pop().model_fields.items():
            names.add(name)
            kinds = [field.annotation]
            while kinds:
                kind = kinds.pop()
                kinds += get_args(kind)
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    waiting.append(kind)
    return names


def test_every_field_of_a_site_is_in_the_docs() -> None:
    docs = "\n".join(page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md"))
    assert sorted(name for name in field_names(Site) if name not in docs) == ["description"]


def test_a_mistake_in_one_item_of_a_list_is_told_once() -> None:
    data = load_site("texas_wind").model_dump()
    data["mining"]["fleets"] = [{"model": "S21", "nameplate_mw": -1}]
    with pytest.raises(SiteError) as error:
        site_from_dict(data)
    assert str(error.value) == (
        "site: mining.fleets.0.nameplate_mw: Input should be greater than 0 (found -1); allowed: > 0, <= 5000"
    )


def test_a_list_that_is_too_short_by_itself_is_told() -> None:
    data = load_site("texas_wind").model_dump()
    data["mining"]["fleets"] = []
    with pytest.raises(SiteError, match=r"mining\.fleets: .*at least 1 item"):
        site_from_dict(data)


def merged(site: dict[str, Any], block: dict[str, Any]) -> dict[str, Any]:
    """A description with what a block says in its place."""
    both = {name: merged(site[name], more) for name, more in block.items() if isinstance(site.get(name), dict)}
    return site | {name: both.get(name, more) for name, more in block.items()}


def yaml_of_pages() -> list[tuple[str, str]]:
    """Each block of YAML in the pages of mechanisms, by page."""
    pages = sorted((ROOT / "docs" / "model").glob("*.md"))
    return [(page.stem, block) for page in pages for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.S)]


@pytest.mark.parametrize(("page", "block"), yaml_of_pages(), ids=lambda text: text.split("\n")[0][:30])
def test_what_a_page_shows_switches_its_mechanism_on_at_the_packaged_site(page: str, block: str) -> None:
    usual = load_site("texas_wind")
    site = site_from_dict(merged(usual.model_dump(mode="json"), read_yaml(block, page)))
    assert site != usual
    assert parameter_record(site).tobytes() != parameter_record(usual).tobytes()
