"""Where a number came from: code, versions, site, traces, machine."""

from __future__ import annotations

import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from hybrid_env.batch import Batch
from hybrid_env.scoring.result import Provenance
from hybrid_env.sim.compiler import kernel_hash

PACKAGES = ("hybrid-env", "numpy", "numba", "gymnasium", "stable-baselines3", "torch", "highspy")


def provenance(batch: Batch, config: dict[str, Any], command: str) -> Provenance:
    """All that somebody needs to make the same run again."""
    return Provenance(
        config=config, versions=versions(), git_commit=git_commit(), site_hash=batch.site.hash,
        trace_hashes=dict(zip(batch.library.names, batch.library.hashes, strict=True)), kernel_hash=kernel_hash(),
        machine=processor_name(), created_utc=datetime.now(UTC).replace(microsecond=0), command=command,
    )  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of the interpreter and of what a score may depend on; packages that are not installed are left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def git_commit() -> str:
    """Commit of the running code, `-dirty` where it had been edited; "unknown" outside a clone."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return "unknown"
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return described.stdout.strip()


def processor_name() -> str:
    """What the processor calls itself."""
    if sys.platform.startswith("linux"):
        for line in Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
