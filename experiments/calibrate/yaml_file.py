"""A fitted market as a YAML file that people can read: provenance and licence first, figures by part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from hybrid_env.scoring.result import write_atomically
from hybrid_env.traces.market import Market, market_from_yaml


class _Dumper(yaml.SafeDumper):
    """Block style for mappings, flow style for lists of figures, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    plain = all(isinstance(item, int | float) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=plain)


_Dumper.add_representer(list, _list)


def market_yaml(market: Market, heading: str) -> str:
    """YAML text whose market equals the given one; `heading` becomes comment lines.

    Raises:
        MarketError: the market cannot be read back (a bug).
    """
    data = market.model_dump(mode="json", exclude_none=True)
    body = yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True)
    text = "".join(f"# {line}\n" for line in heading.splitlines()) + body
    assert market_from_yaml(text, "calibrated market") == market
    return text


def write_market(path: Path, market: Market, heading: str) -> Path:
    """Write the file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, market_yaml(market, heading))
    return path
