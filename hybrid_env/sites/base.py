"""What all site models share: strict validation, and errors that people can act on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SiteModel(BaseModel):
    """A part of a site. Unknown fields, wrong types, NaN and infinity are refused; instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=False)


class SiteError(ValueError):
    """A site description is impossible; the message names file, field, value, what is allowed and the likely fix."""
