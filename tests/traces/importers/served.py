"""A web server of the tests' own, on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATA = bytes(range(256)) * 400


class Server:
    """Serves `data` at every path; may break off after some bytes, and knows what it was asked."""

    def __init__(self) -> None:
        self.data, self.etag, self.status = DATA, '"v1"', 200
        self.break_after: int | None = None
        self.ranges: list[str | None] = []
        self.paths: list[str] = []

    def handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range")
                server.ranges.append(asked)
                server.paths.append(self.path)
                if server.status != 200:
                    self.send_error(server.status)
                    return
                goes_on = asked is not None and self.headers.get("If-Range") == server.etag
                first = int(asked.split("=")[1].rstrip("-")) if asked is not None and goes_on else 0
                if first >= len(server.data) and goes_on:
                    self.send_error(416)
                    return
                body = server.data[first:]
                self.send_response(206 if goes_on else 200)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", server.etag)
                self.end_headers()
                cut = len(body) if server.break_after is None else server.break_after
                self.wfile.write(body[:cut])

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@contextmanager
def served(server: Server) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), server.handler()) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_address[1]}/prices.csv"
        finally:
            http.shutdown()
            thread.join()
