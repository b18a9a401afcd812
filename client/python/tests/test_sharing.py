"""Threads, tasks and forks that share one source."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, List
from unittest import TestCase, skipUnless

from renova_client import AsyncTokenSource, Token, TokenError, TokenSource
from renova_client.http_answer import Answer
from renova_client.transport import Request

from .server import token_reply

MANY = 20


class HeldUpApi:
    """Answers when it is told to."""

    def __init__(self, generation: int = 1, max_age: int = 150, status: int = 200) -> None:
        self.asked: List[Request] = []
        self.arrived = threading.Event()
        self.go = threading.Event()
        self.reply = token_reply(generation, max_age)
        self.status = status

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        self.arrived.set()
        self.go.wait(10)
        return Answer(self.status, self.reply.headers, self.reply.body)


def source_of(api: Any) -> TokenSource:
    return TokenSource("acme", "read-api", url="https://api.example", transport=api, sign=False)


class Threads(TestCase):
    def test_any_number_of_threads_share_one_question(self) -> None:
        api = HeldUpApi()
        source = source_of(api)
        with ThreadPoolExecutor(MANY) as pool:
            answers = [pool.submit(source.get_token) for _ in range(MANY)]
            api.arrived.wait(10)
            api.go.set()
            self.assertEqual({answer.result().generation for answer in answers}, {1})
        self.assertEqual(len(api.asked), 1)

    def test_each_gets_an_error_of_its_own(self) -> None:
        api = HeldUpApi(status=500)
        source = source_of(api)
        with ThreadPoolExecutor(2) as pool:
            answers = [pool.submit(source.get_token) for _ in range(2)]
            api.arrived.wait(10)
            api.go.set()
            errors = [answer.exception() for answer in answers]
        self.assertEqual([error.code for error in errors], ["unavailable"] * 2)  # type: ignore[union-attr]
        self.assertIsNot(errors[0], errors[1])

    def test_any_number_of_threads_share_one_report(self) -> None:
        api = HeldUpApi(generation=2)
        source = source_of(api)
        refused = Token("fake-access-1", "Bearer", "", 1, 2**60, 2**60)
        with ThreadPoolExecutor(MANY) as pool:
            answers = [pool.submit(source.refused, refused) for _ in range(MANY)]
            api.arrived.wait(10)
            api.go.set()
            self.assertEqual({answer.result().generation for answer in answers}, {2})  # type: ignore[union-attr]
        self.assertEqual([request.method for request in api.asked], ["POST"])

    def test_an_interrupted_question_leaves_nobody_waiting(self) -> None:
        api = HeldUpApi()

        def interrupt(_: Request) -> Answer:
            raise KeyboardInterrupt

        source = source_of(interrupt)
        with self.assertRaises(KeyboardInterrupt):
            source.get_token()
        source._held._door._transport = api
        api.go.set()
        self.assertEqual(source.get_token().generation, 1)

    @skipUnless(hasattr(os, "fork"), "there is no fork")
    def test_a_fork_waits_for_no_thread_of_its_parent(self) -> None:
        api = HeldUpApi()
        source = source_of(api)
        thread = threading.Thread(target=source.get_token)
        thread.start()
        api.arrived.wait(10)
        child = os.fork()
        if child == 0:
            api.go.set()
            os._exit(0 if source.get_token().generation == 1 else 1)
        _, status = os.waitpid(child, 0)
        api.go.set()
        thread.join()
        self.assertEqual(status, 0)


class Tasks(TestCase):
    def test_any_number_of_tasks_share_one_question(self) -> None:
        api = HeldUpApi()

        async def main() -> List[Token]:
            source = AsyncTokenSource(source_of(api))
            asking = [asyncio.ensure_future(source.get_token()) for _ in range(MANY * 10)]
            await asyncio.to_thread(api.arrived.wait, 10)
            api.go.set()
            return await asyncio.gather(*asking)

        self.assertEqual({token.generation for token in asyncio.run(main())}, {1})
        self.assertEqual(len(api.asked), 1)

    def test_a_cancelled_task_ends_no_question_of_others(self) -> None:
        api = HeldUpApi()

        async def main() -> Token:
            source = AsyncTokenSource(source_of(api))
            first, second = (asyncio.ensure_future(source.get_token()) for _ in range(2))
            await asyncio.to_thread(api.arrived.wait, 10)
            first.cancel()
            await asyncio.sleep(0)
            api.go.set()
            return await second

        self.assertEqual(asyncio.run(main()).generation, 1)
        self.assertEqual(len(api.asked), 1)

    def test_takes_the_same_options_and_events(self) -> None:
        api = HeldUpApi()
        api.go.set()

        async def main() -> None:
            source = AsyncTokenSource("acme", "read-api", url="https://api.example", transport=api, sign=False)
            await source.get_token()
            source.refreshed({"credential": "acme", "generation": 2})
            await source.get_token()
            with self.assertRaises(TokenError):
                await source.get_token(min_ttl_seconds=-1)

        asyncio.run(main())
        self.assertEqual(len(api.asked), 2)


class Values(TestCase):
    def test_an_error_can_be_copied_and_pickled(self) -> None:
        error = TokenError("refresh-pending", "wait", is_temporary=True, retry_after_seconds=5)
        for same in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            self.assertEqual(vars(same), vars(error))
            self.assertEqual(str(same), "wait")

    def test_a_token_says_its_times(self) -> None:
        token = Token("fake-access-1", "bearer", "", 1, 1_767_265_200_250, 1_767_265_199_000)
        self.assertEqual(token.expires_at.isoformat(), "2026-01-01T11:00:00.250000+00:00")
        self.assertEqual(token.hold_until.isoformat(), "2026-01-01T10:59:59+00:00")
        self.assertEqual(token.authorization, "Bearer fake-access-1")
        hash(token)
