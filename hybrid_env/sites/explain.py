"""Reading YAML strictly, and saying what is wrong in words: file, field, what was found, what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from hybrid_env.sites.base import SiteError


class _StrictLoader(yaml.SafeLoader):
    """YAML's safe loader (no tag can name code), which also refuses a key that stands twice in one mapping, and a key
    with nothing behind it: was its default meant, or that there is none?"""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice in one mapping; keep one", key_node.start_mark
                )
            seen.add(key)
            if isinstance(value_node, yaml.ScalarNode) and not value_node.value and value_node.style is None:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"the key {key!r} has no value; write null for none, {{}} for a mechanism with its defaults, or"
                    " remove the line",
                    key_node.start_mark,
                )
        return super().construct_mapping(node, deep)


def read_yaml(text: str, origin: str) -> dict[str, Any]:
    """Parse a YAML mapping.

    Raises:
        SiteError: not YAML, a key twice or with nothing behind it, or no mapping.
    """
    try:
        data = yaml.load(text, Loader=_StrictLoader)  # a SafeLoader
    except yaml.YAMLError as error:
        raise SiteError(f"{origin}: not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise SiteError(f"{origin}: expected a mapping of fields at the top level, found {type(data).__name__}")
    return data


def explain(error: ValidationError, origin: str, model: type[BaseModel]) -> str:
    """One line a mistake: file, field, what is wrong, what was found, what is allowed."""
    lines = []
    items = error.errors()
    within = [item["loc"] for item in items]
    for item in items:
        if item["type"] == "too_short" and any(
            len(loc) > len(item["loc"]) and loc[: len(item["loc"])] == item["loc"] for loc in within
        ):
            continue  # a list is short only because one of its own items is wrong, which has a line of its own
        field = ".".join(str(part) for part in item["loc"]) or "(whole file)"
        message, found = item["msg"].removeprefix("Value error, "), item.get("input")
        shown = "" if isinstance(found, dict | BaseModel) or "found" in message else f" (found {found!r})"
        hint = "; unknown field: check the spelling and the indentation" if item["type"] == "extra_forbidden" else ""
        lines.append(f"{origin}: {field}: {message}{shown}{allowed_range(model, item['loc'])}{hint}")
    return "\n".join(lines)


def allowed_range(model: type[BaseModel], place: Sequence[int | str]) -> str:
    """`; allowed: >= 0, <= 1` for a number with limits; empty for anything else."""
    inside: Any = model
    limits: list[str] = []
    for part in place:
        if isinstance(part, int):
            inside = next(iter(get_args(inside)), None)
            continue
        owners = [a for a in (inside, *get_args(inside)) if isinstance(a, type) and issubclass(a, BaseModel)]
        if not owners or part not in owners[0].model_fields:
            return ""
        field = owners[0].model_fields[str(part)]
        inside = field.annotation
        signs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
        limits = [f"{s} {getattr(m, k):g}" for m in field.metadata for k, s in signs.items() if hasattr(m, k)]
    return f"; allowed: {', '.join(limits)}" if limits else ""
