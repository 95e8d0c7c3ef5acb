"""What every part of a market shares: the number types, strictness, and its error."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
HourOfDay = Annotated[float, Field(ge=0, lt=24)]
DayOfYear = Annotated[float, Field(ge=0, le=366)]
Month = Annotated[int, Field(ge=1, le=12)]
HourShape = Annotated[list[Positive], Field(min_length=24, max_length=24)]


class MarketError(ValueError):
    """A market description is impossible; the message names file, field, value and what is allowed."""


class MarketModel(BaseModel):
    """A part of a market. Unknown fields, wrong types, NaN and infinity are refused; instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def check_in_order(model: MarketModel, *pairs: tuple[str, str]) -> None:
    """Refuse a pair of fields whose first exceeds its second.

    Raises:
        ValueError: names both fields and their values.
    """
    for low, high in pairs:
        if getattr(model, low) > getattr(model, high):
            raise ValueError(f"{low} ({getattr(model, low):g}) must not exceed {high} ({getattr(model, high):g})")
