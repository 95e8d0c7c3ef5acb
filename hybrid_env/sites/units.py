"""From one unit to another: the factors that several rooms need."""

from __future__ import annotations

SECONDS_PER_HOUR = 3_600.0
HOURS_PER_DAY = 24.0
KG_PER_T = 1_000.0
