"""What the auth classes do with bodies and redirects, over real connections."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any, Iterator
from unittest import TestCase, skipUnless

from renova_client import AsyncTokenSource, TokenError, TokenSource

from .drivers import HTTPX, REQUESTS
from .server import Reply, Seen, Server, token_reply

if REQUESTS:
    import requests

    from renova_client import RequestsAuth

if HTTPX:
    import httpx

    from renova_client import HttpxAuth


class World:
    """A read API whose first token is dead for the resource, and its second alive."""

    def __init__(self, test: TestCase) -> None:
        self.api = Server(test, lambda seen: token_reply(2 if seen.method == "POST" else 1))
        self.resource = Server(test, self.answer)
        self.foreign = Server(test, lambda _: Reply(401))
        self.source = TokenSource("acme", "read-api", url=self.api.url)

    def answer(self, seen: Seen) -> Reply:
        if seen.path == "/away":
            return Reply(302, {"location": f"http://localhost:{self.foreign.port}/"})
        return Reply(200 if seen.headers["authorization"] == "Bearer fake-access-2" else 401)

    def bodies(self) -> Any:
        return [seen.body for seen in self.resource.seen]


def pieces() -> Iterator[bytes]:
    yield b"a piece"


@skipUnless(REQUESTS, "requests is not installed")
class Requests(TestCase):
    def setUp(self) -> None:
        self.world = World(self)
        self.session = requests.Session()
        self.session.trust_env = False
        self.addCleanup(self.session.close)
        self.session.auth = RequestsAuth(self.world.source)

    def post(self, data: Any) -> int:
        headers = {"connection": "close"}
        return self.session.post(f"{self.world.resource.url}/charges", data=data, headers=headers).status_code

    def test_a_body_is_sent_again(self) -> None:
        self.assertEqual(self.post(b"a body"), 200)
        self.assertEqual(self.world.bodies(), ["a body"] * 2)

    def test_a_file_is_sent_again_from_where_it_stood(self) -> None:
        file = BytesIO(b"not this a file")
        file.seek(9)
        self.assertEqual(self.post(file), 200)
        self.assertEqual(self.world.bodies(), ["a file"] * 2)

    def test_a_stream_is_sent_once_and_the_next_call_has_the_other_token(self) -> None:
        self.assertEqual(self.post(pieces()), 401)
        self.assertEqual(self.post(b"a body"), 200)

    def test_a_401_of_another_host_is_not_about_the_token(self) -> None:
        response = self.session.get(f"{self.world.resource.url}/away")
        self.assertEqual(response.status_code, 401)
        self.assertNotIn("authorization", self.world.foreign.seen[0].headers)
        self.assertEqual(self.world.api.paths(), ["GET /tokens/acme"])

    def test_no_token_is_asked_for_when_it_may_not_be_sent(self) -> None:
        with self.assertRaises(TokenError) as caught:
            self.session.get("http://resource.example/charges")
        self.assertEqual(caught.exception.code, "insecure-url")
        self.assertEqual(self.world.api.seen, [])

    def test_a_user_agent_of_the_caller_stays(self) -> None:
        self.session.headers["User-Agent"] = "mine"
        self.assertEqual(self.post(b""), 200)
        self.assertEqual(self.world.resource.seen[-1].headers["user-agent"], "mine")


@skipUnless(HTTPX, "httpx is not installed")
class Httpx(TestCase):
    def setUp(self) -> None:
        self.world = World(self)
        self.options = {"trust_env": False, "follow_redirects": True}

    def client(self) -> Any:
        client = httpx.Client(auth=HttpxAuth(self.world.source), **self.options)
        self.addCleanup(client.close)
        return client

    def test_a_body_is_sent_again(self) -> None:
        response = self.client().post(f"{self.world.resource.url}/charges", content=b"a body")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.world.bodies(), ["a body"] * 2)

    def test_a_stream_is_sent_once_and_the_next_call_has_the_other_token(self) -> None:
        client = self.client()
        url = f"{self.world.resource.url}/charges"
        headers = {"content-length": "7"}
        self.assertEqual(client.post(url, content=pieces(), headers=headers).status_code, 401)
        self.assertEqual(client.get(url).status_code, 200)

    def test_a_401_of_another_host_is_not_about_the_token(self) -> None:
        self.assertEqual(self.client().get(f"{self.world.resource.url}/away").status_code, 401)
        self.assertNotIn("authorization", self.world.foreign.seen[0].headers)
        self.assertEqual(self.world.api.paths(), ["GET /tokens/acme"])

    def test_a_source_of_either_kind_serves_an_async_client(self) -> None:
        for source in (self.world.source, AsyncTokenSource(self.world.source)):

            async def get() -> int:
                async with httpx.AsyncClient(auth=HttpxAuth(source), **self.options) as client:
                    return (await client.get(f"{self.world.resource.url}/charges")).status_code

            self.assertEqual(asyncio.run(get()), 200)

    def test_a_client_without_tasks_takes_no_source_of_tasks(self) -> None:
        with httpx.Client(auth=HttpxAuth(AsyncTokenSource(self.world.source))) as client:
            with self.assertRaises(TypeError):
                client.get(f"{self.world.resource.url}/charges")

    def test_no_token_is_asked_for_when_it_may_not_be_sent(self) -> None:
        with self.assertRaises(TokenError) as caught:
            self.client().get("http://resource.example/charges")
        self.assertEqual(caught.exception.code, "insecure-url")
        self.assertEqual(self.world.api.seen, [])
