"""Downloads are cached, taken up where they broke off, checked, and explained where they fail."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hybrid_env.traces.importers.fetch import FetchError, fetch
from tests.traces.importers.served import DATA, Server, served

HASH = hashlib.sha256(DATA).hexdigest()


def test_a_file_is_downloaded_once_and_checked(tmp_path: Path) -> None:
    server, seen = Server(), []
    with served(server) as url:
        path = fetch(url, HASH, folder=tmp_path, progress=lambda done, total: seen.append((done, total)))
        assert fetch(url, HASH, folder=tmp_path) == path
    assert path.read_bytes() == DATA and path.name.endswith("-prices.csv")
    assert server.ranges == [None] and seen[-1] == (len(DATA), len(DATA))
    assert not list(tmp_path.glob("*.part*"))


def test_what_broke_off_is_taken_up(tmp_path: Path) -> None:
    server = Server()
    server.break_after = 40_000
    with served(server) as url:
        path = fetch(url, HASH, folder=tmp_path)
    assert path.read_bytes() == DATA
    assert server.ranges == [None, "bytes=40000-", "bytes=80000-"]


def test_what_broke_off_for_good_is_kept_for_the_next_time(tmp_path: Path) -> None:
    server = Server()
    server.break_after = 10_000
    with served(server) as url:
        with pytest.raises(FetchError, match="30,000 bytes are kept"):
            fetch(url, HASH, folder=tmp_path)
        server.break_after = None
        assert fetch(url, HASH, folder=tmp_path).read_bytes() == DATA
    assert server.ranges[-1] == "bytes=30000-"


def test_a_file_that_changed_meanwhile_is_begun_again(tmp_path: Path) -> None:
    server = Server()
    server.break_after = 10_000
    with served(server) as url:
        with pytest.raises(FetchError):
            fetch(url, folder=tmp_path)
        server.break_after, server.etag, server.data = None, '"v2"', DATA[::-1]
        assert fetch(url, folder=tmp_path).read_bytes() == DATA[::-1]


def test_a_wrong_hash_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    with served(Server()) as url, pytest.raises(FetchError, match=f"hashes to {HASH}, the recipe says {'0' * 64}"):
        fetch(url, "0" * 64, folder=tmp_path)
    assert not list(tmp_path.glob("*prices.csv*"))


def test_a_cached_file_that_was_edited_is_refused(tmp_path: Path) -> None:
    with served(Server()) as url:
        path = fetch(url, folder=tmp_path)
        path.write_bytes(b"edited")
        with pytest.raises(FetchError, match="it was changed since"):
            fetch(url, folder=tmp_path)


def test_a_refusal_of_the_server_is_told(tmp_path: Path) -> None:
    server = Server()
    server.status = 404
    with served(server) as url, pytest.raises(FetchError, match=r"answered 404 .*open the address in a browser"):
        fetch(url, folder=tmp_path)


def test_without_a_network_the_message_says_where_to_put_the_file(tmp_path: Path) -> None:
    with served(Server()) as url:
        pass  # nobody listens there now
    with pytest.raises(FetchError, match=r"no connection .*save it as") as error:
        fetch(url, folder=tmp_path)
    place = Path(str(error.value).split("save it as ")[1].split(", or name")[0])
    place.write_bytes(DATA)
    assert fetch(url, folder=tmp_path) == place


def test_keys_come_from_the_environment_and_are_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server()
    with served(server) as url:
        with pytest.raises(FetchError, match="environment variable MY_KEY is not set"):
            fetch(url + "?key=${MY_KEY}", folder=tmp_path)
        monkeypatch.setenv("MY_KEY", "secret+1")
        fetch(url + "?key=${MY_KEY}", folder=tmp_path)
    assert server.paths == ["/prices.csv?key=secret%2B1"]
    assert not any("secret" in path.name or b"secret" in path.read_bytes() for path in tmp_path.iterdir())


def test_only_web_addresses_are_downloaded(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="only http and https"):
        fetch("file:///etc/hostname", folder=tmp_path)
