"""An auth class for httpx."""

from __future__ import annotations

from typing import AsyncGenerator, Generator, Union

import httpx

from .source import AsyncTokenSource, TokenSource
from .token import Token
from .urls import assert_secure

DEFAULT_USER_AGENT = "python-httpx/"


class HttpxAuth(httpx.Auth):
    """Sends the token, and once more with another one when the provider answers 401.

        httpx.Client(auth=HttpxAuth(source))
        httpx.AsyncClient(auth=HttpxAuth(source))

    An AsyncClient takes a source of either kind, a Client a TokenSource only. A body that is a stream is not sent again:
    then the 401 is returned, and the next call has the other token. An answer that comes after a redirect to another
    host, which the token did not follow, is returned as it is.
    """

    def __init__(self, source: Union[TokenSource, AsyncTokenSource]) -> None:
        self._source = source
        self._async_source = source if isinstance(source, AsyncTokenSource) else AsyncTokenSource(source)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not isinstance(self._source, TokenSource):
            raise TypeError("an httpx.Client needs a TokenSource; an AsyncTokenSource is for an httpx.AsyncClient")
        assert_secure(str(request.url))
        token = self._source.get_token()
        authorize(request, token)
        response = yield request
        if is_refused(response, token):
            other = self._source.refused(token)
            if other is not None and is_replayable(request):
                authorize(request, other)
                yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        assert_secure(str(request.url))
        token = await self._async_source.get_token()
        authorize(request, token)
        response = yield request
        if is_refused(response, token):
            other = await self._async_source.refused(token)
            if other is not None and is_replayable(request):
                authorize(request, other)
                yield request


def authorize(request: httpx.Request, token: Token) -> None:
    """Sets ``Authorization``, and the registered ``User-Agent`` unless the caller has set one."""
    request.headers["Authorization"] = token.authorization
    given = request.headers.get("User-Agent") or DEFAULT_USER_AGENT
    if token.user_agent is not None and given.startswith(DEFAULT_USER_AGENT):
        request.headers["User-Agent"] = token.user_agent


def is_refused(response: httpx.Response, token: Token) -> bool:
    sent = response.request.headers.get("Authorization")
    return response.status_code == 401 and sent == token.authorization


def is_replayable(request: httpx.Request) -> bool:
    return isinstance(request.stream, httpx.ByteStream)
