"""Sends one request by urllib: on a new connection, through the proxy that the environment names, without redirects."""

from __future__ import annotations

import http.client
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional
from urllib.error import URLError
from urllib.parse import urlsplit

from .http_answer import Answer
from .urls import is_loopback
from .version import __version__

LONGEST_SECONDS = 20
"""Longer than the read function takes."""
LONGEST_BODY_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Optional[str] = None


Transport = Callable[[Request], Answer]


class ConnectionLost(Exception):
    """The connection ended after the request was sent, or while it was: nobody knows whether it arrived."""


class NoAnswer(Exception):
    """There is no answer; ``why`` is the name of the network's error."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AnyAnswer(urllib.request.BaseHandler):
    """Takes every answer as it is: no redirect is followed, and none is an exception."""

    def http_response(self, request: object, response: http.client.HTTPResponse) -> http.client.HTTPResponse:
        return response

    https_response = http_response


def send(request: Request) -> Answer:
    """Sends one request. Raises ConnectionLost and NoAnswer."""
    headers = {"User-Agent": f"renova-client-python/{__version__}", **request.headers}
    data = None if request.body is None else request.body.encode()
    question = urllib.request.Request(request.url, data, headers, method=request.method)
    try:
        with opener(request.url).open(question, timeout=LONGEST_SECONDS) as response:
            body = read(response)
            names = {name.lower() for name in response.headers.keys()}
            joined = {name: ", ".join(response.headers.get_all(name, [])) for name in names}
            return Answer(response.status, joined, body)
    except Exception as error:  # pylint: disable=broad-except
        failure = failure_of(error)
    raise failure


def opener(url: str) -> urllib.request.OpenerDirector:
    proxies = urllib.request.ProxyHandler({} if is_loopback(urlsplit(url)) else None)
    director = urllib.request.OpenerDirector()
    for handler in (proxies, urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(), AnyAnswer()):
        director.add_handler(handler)
    return director


def read(response: http.client.HTTPResponse) -> str:
    """The body. A server that sends it a byte at a time ends nobody's patience but its own."""
    ends_at = time.monotonic() + LONGEST_SECONDS
    parts = []
    while part := response.read1(65_536):
        parts.append(part)
        if time.monotonic() > ends_at:
            raise NoAnswer("TimeoutError")
        if sum(map(len, parts)) > LONGEST_BODY_BYTES:
            raise NoAnswer("BodyTooLong")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(parts).decode("utf-8", "replace")


def failure_of(error: Exception) -> Exception:
    """The error without what it holds: its texts may have a URL, its cause a whole answer."""
    if isinstance(error, NoAnswer):
        return error
    reason = error.reason if isinstance(error, URLError) else error
    lost = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, http.client.IncompleteRead)
    if isinstance(reason, lost):
        return ConnectionLost(type(reason).__name__)
    # A proxy's refusal is an OSError with a text; a text instead of an exception is urllib's own.
    return NoAnswer(type(reason).__name__ if isinstance(reason, Exception) else type(error).__name__)
