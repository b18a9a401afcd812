"""A source that looks for the next token by itself."""

from __future__ import annotations

from typing import Any, Callable, List
from unittest import TestCase

from renova_client import TokenSource
from renova_client.http_answer import Answer
from renova_client.look_ahead import LookAhead
from renova_client.transport import Request

from .server import token_reply

NOW_MS = 1_750_000_000_000


class FakeTimer:
    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self.seconds = seconds
        self.action = action
        self.is_cancelled = False

    def start(self) -> None:
        pass

    def cancel(self) -> None:
        self.is_cancelled = True


class World:
    """A clock that stands, an API whose token can be replaced, and timers that a test lets go off."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS
        self.generation = 1
        self.asked = 0
        self.timers: List[FakeTimer] = []
        self.source = TokenSource(
            "acme",
            "read-api",
            url="https://api.example",
            sign=False,
            background=True,
            transport=self.answer,
            now_ms=lambda: self.now_ms,
        )
        self.source._look_ahead = LookAhead(self.source._held, lambda: self.now_ms, self.new_timer)

    def answer(self, _: Request) -> Answer:
        self.asked += 1
        reply = token_reply(self.generation, 150)
        return Answer(200, reply.headers, reply.body)

    def new_timer(self, seconds: float, action: Callable[[], None]) -> Any:
        self.timers.append(FakeTimer(seconds, action))
        return self.timers[-1]

    def go_off(self) -> None:
        timer = self.timers[-1]
        self.now_ms += int(timer.seconds * 1000) + 1
        timer.action()


class LooksAhead(TestCase):
    def test_asks_at_the_end_of_the_promise_and_then_each_second_until_there_is_another(self) -> None:
        world = World()
        token = world.source.get_token()
        world.source.get_token()
        self.assertEqual((world.asked, len(world.timers)), (1, 1))
        self.assertAlmostEqual(world.timers[0].seconds, (token.hold_until_ms - NOW_MS) / 1000)

        world.go_off()
        self.assertEqual((world.asked, len(world.timers)), (2, 2))
        world.generation = 2
        while world.source._held.token.generation == 1:  # type: ignore[union-attr]
            world.go_off()
        timers, asked = len(world.timers), world.asked
        self.assertEqual(world.source.get_token().generation, 2)
        self.assertEqual((world.asked, len(world.timers)), (asked, timers + 1))

    def test_asks_nothing_once_it_is_closed_or_nobody_uses_it(self) -> None:
        world = World()
        world.source.get_token()
        world.source.close()
        self.assertTrue(world.timers[0].is_cancelled)
        world.source.get_token()
        self.assertEqual(len(world.timers), 1)

        unused = World()
        unused.source.get_token()
        unused.generation = 2
        unused.go_off()
        self.assertEqual((unused.asked, len(unused.timers)), (2, 1))
