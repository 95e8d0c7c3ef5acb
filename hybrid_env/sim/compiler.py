"""How the kernel is compiled: one decorator for its parts, and a cache that notices every edit."""

from __future__ import annotations

import ast
import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from llvmlite import binding

LLVM_INLINE_THRESHOLD = 10_000
"""Lets LLVM inline every part of the step into one function (measured: 20 to 40 % faster); must be set before the first
compile.
"""

binding.set_option("hybrid_env", f"-inline-threshold={LLVM_INLINE_THRESHOLD}")

part: Callable[..., Any] = numba.njit(error_model="numpy", nogil=True)
"""Compiles a part of the kernel: float64, no fastmath (it changes bits and gains nothing)."""


@cache
def kernel_hash() -> str:
    """Hash of all that decides the kernel's machine code: the code it comes from, comments aside, and the compilers."""
    digest = hashlib.sha256(f"{numba.__version__}|{llvmlite.__version__}|{np.__version__}".encode())
    root = Path(__file__).parents[1]
    for path in [
        *sorted((root / "sim").glob("*.py")),
        *sorted((root / "sites").glob("*.py")),
        root / "traces/schema.py",
    ]:
        digest.update(f"{path.name}|{_code(path)}".encode())
    return digest.hexdigest()[:16]


def _code(path: Path) -> str:
    """The syntax tree of a file without docstrings: what is left when comments and layout are taken away."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [
                line for line in node.body if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            ]
    return ast.dump(tree)


def cache_folder() -> Path | None:
    """A writable folder for compiled code, named by `kernel_hash`; None where there is none (read-only home)."""
    base = os.environ.get("XDG_CACHE_HOME") or (
        os.path.join(os.environ["HOME"], ".cache") if "HOME" in os.environ else None
    )
    if base is None:
        return None
    folder = Path(base) / "hybrid_env" / "kernel" / kernel_hash()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def entry(function: Callable[..., Any]) -> Any:
    """Compile an entry point and keep its machine code between processes.

    Numba's own cache does not notice an edited callee, so the cache folder is named by all sources.
    """
    compiled = numba.njit(error_model="numpy", nogil=True)(function)
    folder = cache_folder()
    if folder is not None:
        before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
        try:
            compiled.enable_caching()
        finally:
            numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
    return compiled
