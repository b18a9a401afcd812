"""The cases that the clients of all languages share; the file's own header says what each member means."""

from __future__ import annotations

import json
import traceback
from collections import namedtuple
from pathlib import Path
from typing import Any, Dict, List, Optional
from unittest import TestCase

from renova_client import AsyncTokenSource, Token, TokenError, TokenSource
from renova_client.http_answer import Answer
from renova_client.token import time_ms
from renova_client.transport import ConnectionLost, NoAnswer, Request
from renova_client.urls import assert_secure

VECTORS = json.loads((Path(__file__).parents[2] / "test-vectors.json").read_text())
START_MS = time_ms(VECTORS["start"])

Sent = namedtuple("Sent", "authorization user_agent")


class SecretsError(Exception):
    """An error as botocore raises it."""

    def __init__(self, code: str) -> None:
        super().__init__("fake-access text of the SDK")
        self.response = {"Error": {"Code": code, "Message": "fake-access text"}}


class Player:
    """Plays one scenario, with a read API, secrets, a resource and a clock that the scenario rules.

    ``driver`` sends what the step ``fetch`` says, by one of the ways that the client has for it.
    """

    def __init__(self, test: TestCase, scenario: Dict[str, Any], driver: Any) -> None:
        self.test = test
        self.driver = driver
        self.now_ms = START_MS
        self.answers: List[Dict[str, Any]] = []
        self.asked: List[Dict[str, Any]] = []
        self.read: List[int] = []
        self.sent: List[Sent] = []
        self.secrets: Dict[int, Any] = {}
        self.alive: List[str] = []
        self.steps = scenario["steps"]
        options: Dict[str, Any] = {"now_ms": lambda: self.now_ms}
        if scenario["via"] == "read-api":
            options.update(url=scenario.get("url", "https://api.example"), transport=self.answer, sign=False)
        else:
            options.update(env="prd", client=self)
        self.source = TokenSource("acme", scenario["via"], **options)

    def play(self) -> None:
        for at, step in enumerate(self.steps):
            with self.test.subTest(step=at, do=step["do"]):
                getattr(self, f"do_{step['do']}")(step)

    def do_advance(self, step: Dict[str, Any]) -> None:
        self.now_ms += step["ms"]

    def do_answer(self, step: Dict[str, Any]) -> None:
        self.answers = list(step["answers"])

    def do_publish(self, step: Dict[str, Any]) -> None:
        lanes = step.get("placeholders", 0)
        for lane in range(lanes):
            self.secrets[lane] = placeholder(lanes)
        for lane, value in step.get("secrets", {}).items():
            if value is None:
                self.secrets.pop(int(lane), None)
            else:
                self.secrets[int(lane)] = value

    def do_refreshed(self, step: Dict[str, Any]) -> None:
        self.source.refreshed(step["detail"])

    def do_get(self, step: Dict[str, Any]) -> None:
        outcome = outcome_of(lambda: self.driver.get_token(self.source, step.get("min_ttl_seconds", 0)))
        if "error" in step["expect"]:
            self.expect_error(outcome, step["expect"])
        else:
            self.test.assertIsInstance(outcome, Token, outcome)
            self.expect_token(outcome, step["expect"])
        self.expect_traffic(step)

    def do_fetch(self, step: Dict[str, Any]) -> None:
        self.alive = step["alive"]
        outcome = outcome_of(lambda: self.driver.fetch(self, step["url"]))
        if "error" in step["expect"]:
            self.expect_error(outcome, step["expect"])
        else:
            self.test.assertEqual(outcome, step["expect"]["status"])
        sent, self.sent = self.sent, []
        self.test.assertEqual([each.authorization for each in sent], step["sent"])
        if "user_agents" in step:
            self.test.assertEqual([each.user_agent for each in sent], step["user_agents"])
        self.expect_traffic(step)

    def resource(self, authorization: str, user_agent: Optional[str]) -> int:
        """A resource that takes the tokens that are alive: the status of its answer."""
        self.sent.append(Sent(authorization, user_agent))
        return 200 if authorization.split(" ", 1)[1] in self.alive else 401

    def answer(self, request: Request) -> Answer:
        """The read API."""
        path, _, query = request.url.partition("://")[2].partition("/")[2].partition("?")
        body = None if request.body is None else json.loads(request.body)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(
            {"method": request.method, "path": f"/{path}", "query": query, "headers": headers, "body": body}
        )
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.now_ms += answer.get("takes_ms", 0)
        if answer.get("network") == "reset":
            raise ConnectionLost("ConnectionResetError")
        if answer.get("network") == "refused":
            raise NoAnswer("ConnectionRefusedError")
        given = answer.get("body")
        text = given if isinstance(given, str) else json.dumps(given)
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        return Answer(answer["status"], headers, text)

    def get_secret_value(self, *, SecretId: str) -> Dict[str, str]:
        """Secrets Manager."""
        lane = int(SecretId.rsplit("/", 1)[1])
        self.test.assertEqual(SecretId, f"renova/prd/acme/token/{lane}")
        self.read.append(lane)
        stored = self.secrets.get(lane, {"error": "ResourceNotFoundException"})
        if isinstance(stored, dict) and "error" in stored:
            raise SecretsError(stored["error"])
        return {"SecretString": stored if isinstance(stored, str) else json.dumps(stored)}

    def expect_token(self, token: Token, expected: Dict[str, Any]) -> None:
        seen = {
            "generation": token.generation,
            "access_token": token.access_token,
            "expires_in_ms": token.expires_at_ms - self.now_ms,
            "hold_ms": token.hold_until_ms - self.now_ms,
            "user_agent": token.user_agent,
            "fields": token.fields,
        }
        self.test.assertEqual({name: seen[name] for name in expected}, expected)
        self.test.assertNotIn(token.access_token, repr(token) + str(token) + repr(self.source))

    def expect_error(self, outcome: Any, expected: Dict[str, Any]) -> None:
        self.test.assertIsInstance(outcome, TokenError)
        self.test.assertEqual(outcome.code, expected["error"], outcome)
        self.test.assertIs(outcome.is_temporary, expected["temporary"])
        self.test.assertEqual(outcome.retry_after_seconds, expected.get("retry_after_seconds"))
        for word in expected.get("message_names", []):
            self.test.assertIn(word, str(outcome))
        self.test.assertNotIn("fake-access", everything_shown(outcome))

    def expect_traffic(self, step: Dict[str, Any]) -> None:
        asked, self.asked = self.asked, []
        read, self.read = self.read, []
        if "read" in step:
            self.test.assertEqual(sorted(set(read)), step["read"])
        if "asked" not in step:
            return
        self.test.assertEqual(len(asked), len(step["asked"]), asked)
        for request, expected in zip(asked, step["asked"]):
            headers = expected.get("headers", {})
            rest = {name: value for name, value in expected.items() if name != "headers"}
            self.test.assertEqual({name: request[name] for name in rest}, rest)
            self.test.assertEqual({name: request["headers"].get(name) for name in headers}, headers)


class ThreadDriver:
    """The source itself, and what an auth class does with it, in the fewest lines."""

    def get_token(self, source: TokenSource, min_ttl_seconds: float) -> Token:
        return source.get_token(min_ttl_seconds=min_ttl_seconds)

    def fetch(self, player: Player, url: str) -> int:
        assert_secure(url)
        token = player.source.get_token()
        status = player.resource(token.authorization, token.user_agent)
        other = player.source.refused(token) if status == 401 else None
        return player.resource(other.authorization, other.user_agent) if other else status


class TaskDriver:
    """The same by coroutines."""

    def __init__(self, run: Any) -> None:
        self.run = run

    def get_token(self, source: TokenSource, min_ttl_seconds: float) -> Token:
        return self.run(AsyncTokenSource(source).get_token(min_ttl_seconds=min_ttl_seconds))

    def fetch(self, player: Player, url: str) -> int:
        async def fetch() -> int:
            source = AsyncTokenSource(player.source)
            token = await source.get_token()
            status = player.resource(token.authorization, token.user_agent)
            other = await source.refused(token) if status == 401 else None
            return player.resource(other.authorization, other.user_agent) if other else status

        return self.run(fetch())


def outcome_of(work: Any) -> Any:
    try:
        return work()
    except TokenError as error:
        return error


def everything_shown(error: BaseException) -> str:
    """All that a log or a crash report could show of an error, local variables of all its frames too."""
    shown = [repr(error), str(error), repr(vars(error))]
    seen: Optional[BaseException] = error
    while seen is not None:
        frames = traceback.walk_tb(seen.__traceback__)
        own = [frame for frame, _ in frames if "renova_client" in frame.f_code.co_filename]
        shown += [repr(frame.f_locals) for frame in own]
        shown += traceback.format_exception(type(seen), seen, seen.__traceback__)
        seen = seen.__cause__ or seen.__context__
    return "\n".join(shown)


def placeholder(lanes: int) -> Dict[str, Any]:
    never = "1970-01-01T00:00:00Z"
    return {
        "access_token": "",
        "token_type": "Bearer",
        "scope": "",
        "issued_at": never,
        "expires_at": never,
        "refresh_after": never,
        "generation": 0,
        "chain": "chain-a",
        "lanes": lanes,
    }
