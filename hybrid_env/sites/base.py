"""What all site models share: strict validation, and errors that people can act on."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class SiteModel(BaseModel):
    """A part of a site. Unknown fields, wrong types, NaN and infinity are refused; instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """YAML's `true` and `"80"` are not 1 and 80."""
        annotation = cls.model_fields[str(info.field_name)].annotation
        if annotation in (int, float) and isinstance(value, bool | str):
            raise ValueError(f"must be a number; found {value!r}")
        return value


class SiteError(ValueError):
    """A site description is impossible; the message names file, field, value, what is allowed and the likely fix."""
