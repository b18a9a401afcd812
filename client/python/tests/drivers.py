"""Sends what a case says by the auth classes, which see the resource as their own library does."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from renova_client import AsyncTokenSource

from .vectors import Player, TaskDriver, ThreadDriver

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPResponse

    from renova_client import RequestsAuth

    REQUESTS = True
except ImportError:
    REQUESTS = False

try:
    import httpx

    from renova_client import HttpxAuth

    HTTPX = True
except ImportError:
    HTTPX = False


class RequestsDriver(ThreadDriver):
    def fetch(self, player: Player, url: str) -> int:
        class Resource(HTTPAdapter):
            def send(self, request: Any, **options: Any) -> Any:
                headers = request.headers
                status = player.resource(headers["Authorization"], headers.get("User-Agent"))
                return self.build_response(request, HTTPResponse(BytesIO(), status=status, preload_content=False))

        with requests.Session() as session:
            session.mount("https://", Resource())
            return session.get(url, auth=RequestsAuth(player.source)).status_code


def httpx_resource(player: Player) -> Any:
    def answer(request: Any) -> Any:
        return httpx.Response(player.resource(request.headers["Authorization"], request.headers.get("User-Agent")))

    return httpx.MockTransport(answer)


class HttpxDriver(ThreadDriver):
    def fetch(self, player: Player, url: str) -> int:
        with httpx.Client(transport=httpx_resource(player), auth=HttpxAuth(player.source)) as client:
            return client.get(url).status_code


class AsyncHttpxDriver(TaskDriver):
    def fetch(self, player: Player, url: str) -> int:
        async def fetch() -> int:
            auth = HttpxAuth(AsyncTokenSource(player.source))
            async with httpx.AsyncClient(transport=httpx_resource(player), auth=auth) as client:
                return (await client.get(url)).status_code

        return self.run(fetch())
