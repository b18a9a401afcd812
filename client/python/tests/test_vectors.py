"""Plays the shared cases by each way of sending a request that the client has."""

from __future__ import annotations

import asyncio
from unittest import TestCase, mock, skipUnless

from renova_client import TokenError, TokenSource
from renova_client.aws_credentials import AwsCredentials
from renova_client.http_answer import Answer, retry_after_seconds
from renova_client.lanes import lane_at, lane_before
from renova_client.signature import sign
from renova_client.token import auth_scheme, time_ms
from renova_client.urls import assert_secure, credential_url

from .drivers import HTTPX, REQUESTS, AsyncHttpxDriver, HttpxDriver, RequestsDriver
from .vectors import START_MS, VECTORS, Player, TaskDriver, ThreadDriver


class Scenarios(TestCase):
    def setUp(self) -> None:
        # Looks at the secrets follow each other at once.
        patch = mock.patch("renova_client.lanes.time.sleep")
        patch.start()
        self.addCleanup(patch.stop)

    def play(self, driver: object) -> None:
        for scenario in VECTORS["scenarios"]:
            with self.subTest(via=scenario["via"], case=scenario["name"]):
                Player(self, scenario, driver).play()

    def test_by_the_source(self) -> None:
        self.play(ThreadDriver())

    def test_by_coroutines(self) -> None:
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        self.play(TaskDriver(loop.run_until_complete))

    @skipUnless(REQUESTS, "requests is not installed")
    def test_by_requests(self) -> None:
        self.play(RequestsDriver())

    @skipUnless(HTTPX, "httpx is not installed")
    def test_by_httpx(self) -> None:
        self.play(HttpxDriver())

    @skipUnless(HTTPX, "httpx is not installed")
    def test_by_httpx_with_coroutines(self) -> None:
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        self.play(AsyncHttpxDriver(loop.run_until_complete))


class Rules(TestCase):
    def test_by_which_scheme_a_token_is_sent(self) -> None:
        for case in VECTORS["schemes"]:
            with self.subTest(case["token_type"]):
                self.assertEqual(auth_scheme(case["token_type"]), case["scheme"])

    def test_where_a_token_may_be_sent(self) -> None:
        for case in VECTORS["urls"]:
            with self.subTest(case["url"]):
                if case["allowed"]:
                    assert_secure(case["url"])
                else:
                    with self.assertRaises(TokenError) as caught:
                        assert_secure(case["url"])
                    self.assertEqual(caught.exception.code, "insecure-url")

    def test_which_base_urls_a_read_api_may_have(self) -> None:
        for case in VECTORS["base_urls"]:
            with self.subTest(case["url"]):
                if "asks" in case:
                    self.assertEqual(credential_url(case["url"], "acme"), case["asks"])
                else:
                    with self.assertRaises(TokenError) as caught:
                        TokenSource("acme", "read-api", url=case["url"])
                    self.assertEqual(caught.exception.code, case["error"])

    def test_how_long_a_retry_after_is(self) -> None:
        for case in VECTORS["retry_after"]:
            with self.subTest(case["retry_after"]):
                headers = {"retry-after": case["retry_after"], **({"date": case["date"]} if case["date"] else {})}
                self.assertEqual(retry_after_seconds(Answer(503, headers, ""), START_MS), case["seconds"])

    def test_which_lane_a_time_has(self) -> None:
        for case in VECTORS["lanes"]:
            with self.subTest(case["at"]):
                lane = lane_at(time_ms(case["at"]), case["lanes"], case["day_seconds"] * 1000)
                self.assertEqual((lane, lane_before(lane, case["lanes"])), (case["lane"], case["before"]))

    def test_how_a_request_is_signed(self) -> None:
        for case in VECTORS["signatures"]:
            with self.subTest(case["url"]):
                keys = [case["access_key_id"], case["secret_access_key"], case.get("session_token")]
                signed = sign(
                    case["method"],
                    case["url"],
                    case.get("headers", {}),
                    case.get("body"),
                    credentials=AwsCredentials(*keys),
                    region=case["region"],
                    service=case["service"],
                    now_ms=time_ms(case["at"]),
                )
                self.assertEqual(signed["authorization"], case["authorization"])
