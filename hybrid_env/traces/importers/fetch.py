"""Downloads into a cache: resumed where they broke off, checked, and renamed into place when whole."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

from hybrid_env.traces.library import cache_folder
from hybrid_env.traces.schema import TraceError

CHUNK_BYTES = 1 << 16
TIMEOUT_S = 30
ATTEMPTS = 3
"""A connection that breaks off is taken up again where it stopped, this often."""
PARTIAL, OK = 206, 200

Progress = Callable[[int, int | None], None]
"""Called with bytes there and bytes in all (None where the server does not say)."""


class FetchError(TraceError):
    """A file cannot be had; the message says why and what to do."""


def downloads_folder() -> Path:
    """Where downloads are kept: `downloads` beside the cached years.

    Raises:
        FetchError: no cache folder is known.
    """
    years = cache_folder()
    if years is None:
        raise FetchError("no home folder is known for downloads: set XDG_CACHE_HOME to a folder that can be written")
    return years.parent / "downloads"


def fetch(url: str, sha256: str | None = None, *, folder: Path | None = None, progress: Progress | None = None) -> Path:
    """The file behind an address: from the cache, or downloaded once.

    Half a file of an earlier attempt is continued with a range request if the server still has the same version of it
    (ETag or date), and begun again otherwise. The file's hash is kept beside it and checked on every use.

    Args:
        url: `https://...` or `http://...`; `${NAME}` stands for the environment variable NAME, such as a key of yours,
            which is written nowhere.
        sha256: what the bytes must hash to; None to trust the first download.
        folder: cache folder; None for the user's.

    Raises:
        FetchError: the address is odd, there is no network, the server refuses, or the hash differs.
    """
    address = _with_keys(url)
    if urlsplit(address).scheme not in ("http", "https"):
        raise FetchError(f"{url}: only http and https addresses are downloaded; name a file with `file:` instead")
    folder = downloads_folder() if folder is None else folder
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(urlsplit(url).path).name or "download"
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{name}"
    record = path.with_name(path.name + ".json")
    if path.is_file():
        _check(path, sha256 or _known_hash(record), url)
        return path
    part = path.with_name(path.name + ".part")
    _download(url, address, part, path, progress)
    found = _hash(part)
    if sha256 is not None and found != sha256:
        part.unlink()
        raise FetchError(
            f"{url}: the download hashes to {found}, the recipe says {sha256}; the publisher has changed the file, or"
            f" the hash is mistyped: look at the new file before you trust it"
        )
    record.write_text(json.dumps({"url": url, "sha256": found}), "utf-8")
    os.replace(part, path)
    return path


def _with_keys(url: str) -> str:
    """The address with environment variables in place; messages and records keep the one without."""

    def value(name: re.Match[str]) -> str:
        found = os.environ.get(name[1])
        if not found:
            raise FetchError(f"{url}: the environment variable {name[1]} is not set; set it to your key")
        return quote(found, safe="")

    return re.sub(r"\$\{(\w+)\}", value, url)


def _download(url: str, address: str, part: Path, path: Path, progress: Progress | None) -> None:
    stamp = part.with_name(part.name + ".version")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _take_up(address, part, stamp, progress)
            stamp.unlink(missing_ok=True)
            return
        except urllib.error.HTTPError as error:
            raise FetchError(
                f"{url}: the server answered {error.code} ({error.reason}); open the address in a browser, then correct"
                f" it, or save the file and name it with `file:`"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            if attempt == ATTEMPTS:
                there = part.stat().st_size if part.is_file() else 0
                kept = f"; {there:,} bytes are kept and continued next time" if there else ""
                raise FetchError(
                    f"{url}: no connection ({_reason(error)}){kept}. Without a network: download the file on another"
                    f" machine and save it as {path}, or name it with `file:` in place of `url:`"
                ) from error


def _take_up(address: str, part: Path, stamp: Path, progress: Progress | None) -> None:
    """One connection: the whole file, or what is missing of it."""
    there = part.stat().st_size if part.is_file() else 0
    version = stamp.read_text("utf-8") if there and stamp.is_file() else ""
    request = urllib.request.Request(address, headers={"User-Agent": "hybrid-env"})
    if version:
        request.add_header("Range", f"bytes={there}-")
        request.add_header("If-Range", version)
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        part.unlink()  # what is there is longer than the file: begin again
        raise ConnectionError("the file has changed on the server") from error
    with answer:
        goes_on = answer.status == PARTIAL
        length = answer.headers.get("Content-Length")
        total = None if length is None else int(length) + (there if goes_on else 0)
        version = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        stamp.write_text("" if version.startswith("W/") else version, "utf-8")
        with part.open("ab" if goes_on else "wb") as file:
            done = there if goes_on else 0
            while chunk := answer.read(CHUNK_BYTES):
                file.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done, total)
    if total is not None and done < total:
        raise ConnectionError(f"the connection broke off after {done:,} of {total:,} bytes")


def _known_hash(record: Path) -> str | None:
    try:
        return json.loads(record.read_text("utf-8"))["sha256"]
    except (OSError, ValueError, KeyError):
        return None


def _check(path: Path, expected: str | None, url: str) -> None:
    if expected is None:  # put there by hand
        return
    found = _hash(path)
    if found != expected:
        raise FetchError(
            f"{path}: hashes to {found}, expected {expected}; it was changed since {url} was downloaded: delete it to"
            f" download it again"
        )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error) or type(error).__name__
