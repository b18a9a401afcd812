"""An HTTP server on loopback that answers as it is told."""

from __future__ import annotations

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, NamedTuple, Optional
from unittest import TestCase


class Seen(NamedTuple):
    method: str
    path: str
    headers: Any
    body: str


class Reply(NamedTuple):
    status: int = 200
    headers: Dict[str, str] = {}
    body: str = ""


def token_reply(generation: int, max_age: int = 150) -> Reply:
    body = {
        "access_token": f"fake-access-{generation}",
        "token_type": "Bearer",
        "scope": "fake-scope",
        "generation": generation,
        "expires_in": 300,
    }
    return Reply(200, {"cache-control": f"private, max-age={max_age}"}, json.dumps(body))


RESET = Reply(status=0)
"""Ends the connection without an answer."""


class Server:
    """Counts what it has seen. ``answer`` is called for each request."""

    def __init__(self, test: TestCase, answer: Callable[[Seen], Reply]) -> None:
        self.seen: List[Seen] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                seen = Seen(self.command, self.path, self.headers, body)
                server.seen.append(seen)
                reply = answer(seen)
                if reply is RESET:
                    self.close_connection = True
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    return
                self.send_response_only(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if "transfer-encoding" not in reply.headers:
                    self.send_header("content-length", str(len(reply.body)))
                # Without it the client uses a connection again that is about to close.
                if self.close_connection:
                    self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(reply.body.encode())

            do_GET = do_POST = do_PUT = do_CONNECT = handle_any

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()

        def close() -> None:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

        test.addCleanup(close)

    def paths(self, since: int = 0) -> List[Optional[str]]:
        return [f"{seen.method} {seen.path}" for seen in self.seen[since:]]
