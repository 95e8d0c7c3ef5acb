"""The shocks as a Markdown table: `python -m hybrid_env.traces.stress.describe`."""

from __future__ import annotations

from hybrid_env.traces.stress.registry import SHOCKS
from hybrid_env.traces.stress.shock import Shock


def shocks_table() -> str:
    """One line a shock: what happens, which columns change, what forecasts know, source."""
    names = ("shock", "what happens", "changes", "forecasts", "source")
    head = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return "\n".join([*head, *(_line(shock) for shock in SHOCKS.values())])


def _line(shock: Shock) -> str:
    changes = [f"`{name}`" for name in shock.columns]
    changes += ["bids of gang jobs"] if shock.jobs else []
    changes += [f"with it `{name}`" for name in shock.follows]
    outlook = shock.outlook
    if shock.forecasts:
        outlook = f"{', '.join(f'`{name}`' for name in shock.forecasts)} {outlook}"
    cells = (f"`{shock.name}`", shock.meaning, ", ".join(changes) or "none", outlook, shock.source)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(shocks_table())
