"""What goes over real connections."""

from __future__ import annotations

import os
import socket
import threading
from unittest import TestCase, mock

from renova_client import AwsCredentials, TokenError, TokenSource
from renova_client.aws_credentials import region_of

from .server import RESET, Reply, Server, token_reply
from .vectors import START_MS, everything_shown

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "fake-key", "AWS_SECRET_ACCESS_KEY": "fake-secret", "AWS_SESSION_TOKEN": "fake-session"}


def source_of(url: str, **options: object) -> TokenSource:
    return TokenSource("acme", "read-api", url=url, **options)  # type: ignore[arg-type]


class Wire(TestCase):
    def fails(self, source: TokenSource, code: str) -> TokenError:
        with self.assertRaises(TokenError) as caught:
            source.get_token()
        self.assertEqual(caught.exception.code, code, caught.exception)
        self.assertNotIn("fake-access", everything_shown(caught.exception))
        return caught.exception

    def test_a_token_comes_unsigned_from_this_machine(self) -> None:
        server = Server(self, lambda _: token_reply(1))
        self.assertEqual(source_of(server.url).get_token().access_token, "fake-access-1")
        self.assertNotIn("authorization", server.seen[0].headers)

    def test_a_connection_that_is_reset_is_replaced_once(self) -> None:
        replies = [RESET, token_reply(1)]
        server = Server(self, lambda _: replies.pop(0))
        self.assertEqual(source_of(server.url).get_token().generation, 1)
        always = Server(self, lambda _: RESET)
        self.assertTrue(self.fails(source_of(always.url), "unavailable").is_temporary)
        self.assertEqual(always.paths(), ["GET /tokens/acme"] * 2)

    def test_an_answer_that_is_cut_off_is_no_token(self) -> None:
        cut = Reply(200, {"content-length": "9999", "connection": "close"}, token_reply(1).body)
        server = Server(self, lambda _: cut)
        source = source_of(server.url)
        with mock.patch("renova_client.transport.LONGEST_SECONDS", 1):
            self.fails(source, "unavailable")

    def test_a_port_where_nobody_listens_is_named(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        error = self.fails(source_of(f"http://127.0.0.1:{port}"), "unavailable")
        self.assertIn("ConnectionRefusedError", str(error))

    def test_what_is_no_http_is_no_token(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"fake-access-1 is no status line\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        self.addCleanup(thread.join)
        self.fails(source_of(f"http://127.0.0.1:{listener.getsockname()[1]}"), "unavailable")

    def test_no_other_host_sees_the_session_token_or_gives_the_token(self) -> None:
        other = Server(self, lambda _: token_reply(99))
        for status in (301, 302, 303, 307, 308):
            server = Server(self, lambda _, status=status: Reply(status, {"location": f"{other.url}/x"}))
            credentials = lambda: AwsCredentials("fake-key", "fake-secret", "fake-session")  # noqa: E731
            source = source_of(server.url, sign=True, region="sa-east-1", credentials=credentials)
            self.fails(source, "redirected")
            self.assertEqual(server.seen[0].headers["x-amz-security-token"], "fake-session")
        self.assertEqual(other.seen, [])

    def test_a_body_without_end_is_no_token(self) -> None:
        server = Server(self, lambda _: Reply(200, {}, "fake-access-1" * 100_000))
        self.fails(source_of(server.url), "unavailable")

    def test_a_wrong_clock_is_corrected_and_remembered(self) -> None:
        date = {"date": "Thu, 01 Jan 2026 11:20:00 GMT", "x-amzn-errortype": "InvalidSignatureException"}

        def answer(request: object) -> Reply:
            right = request.headers["x-amz-date"].startswith("20260101T1120")  # type: ignore[attr-defined]
            return token_reply(len(server.seen), 0) if right else Reply(403, date)

        server = Server(self, answer)
        credentials = lambda: AwsCredentials("fake-key", "fake-secret")  # noqa: E731
        source = source_of(server.url, sign=True, region="sa-east-1", credentials=credentials, now_ms=lambda: START_MS)
        self.assertEqual(source.get_token().generation, 2)
        self.assertEqual(source.get_token().generation, 3)
        self.assertEqual(len(server.seen), 3)

    def test_credentials_come_from_the_environment(self) -> None:
        server = Server(self, lambda _: token_reply(1))
        with mock.patch.dict(os.environ, {**CREDENTIALS, "AWS_REGION": "sa-east-1"}):
            source_of(server.url, sign=True).get_token()
        headers = server.seen[0].headers
        self.assertRegex(headers["authorization"], r"Credential=fake-key/\d{8}/sa-east-1/execute-api/aws4_request")
        self.assertEqual(headers["x-amz-security-token"], "fake-session")

    def test_credentials_that_are_not_there_are_named(self) -> None:
        server = Server(self, lambda _: token_reply(1))
        nowhere = {
            "AWS_REGION": "sa-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "PATH": os.environ["PATH"],
        }
        with mock.patch.dict(os.environ, nowhere, clear=True):
            self.assertTrue(self.fails(source_of(server.url, sign=True), "expired-credentials").is_temporary)
        self.assertEqual(server.seen, [])

    def test_the_region_is_that_of_the_api(self) -> None:
        with mock.patch.dict(os.environ, {"AWS_REGION": "us-east-1"}):
            for host, region in {
                "abc123.execute-api.sa-east-1.amazonaws.com": "sa-east-1",
                "abc123.execute-api.cn-north-1.amazonaws.com.cn": "cn-north-1",
                "abc123.execute-api-fips.us-gov-west-1.amazonaws.com": "us-gov-west-1",
                "abc123.execute-api.eu-west-1.api.aws": "eu-west-1",
                "api.bank.example": "us-east-1",
            }.items():
                self.assertEqual(region_of(f"https://{host}/tokens/acme"), region)

    def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(self) -> None:
        proxy = Server(self, lambda _: Reply(407))
        server = Server(self, lambda _: token_reply(1))
        with mock.patch.dict(os.environ, {"https_proxy": proxy.url, "http_proxy": proxy.url, "no_proxy": ""}):
            source_of(server.url).get_token()
            self.assertEqual(proxy.seen, [])
            self.fails(source_of("https://api.example", sign=False), "unavailable")
        self.assertEqual(proxy.paths(), ["CONNECT api.example:443"])


class Options(TestCase):
    def test_an_option_that_cannot_be_used_is_refused_when_the_source_is_made(self) -> None:
        good = {"credential": "acme", "via": "secrets-manager", "env": "prd"}
        for bad in (
            {"credential": "Acme"},
            {"credential": "../acme"},
            {"credential": None},
            {"via": "read"},
            {"env": None},
            {"env": "prd/x"},
            {"grace_seconds": -1},
            {"grace_seconds": "1"},
            {"day_seconds": 0},
            {"via": "read-api"},
            {"url": "api.example"},
        ):
            with self.subTest(**bad), self.assertRaises(TokenError) as caught:
                TokenSource(**{**good, **bad})
            self.assertEqual(caught.exception.code, "invalid-option")
        TokenSource(**good)

    def test_so_is_a_least_time_to_live(self) -> None:
        source = source_of("http://127.0.0.1:1")
        for bad in (-1, float("nan"), "60", True):
            with self.subTest(bad), self.assertRaises(TokenError) as caught:
                source.get_token(min_ttl_seconds=bad)  # type: ignore[arg-type]
            self.assertEqual(caught.exception.code, "invalid-option")
