"""Outgoing requests against a server that misbehaves in every way that matters (RULES F7, C2)."""

import gzip
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import transaction

from integrations import http, sockets
from integrations.errors import NeedsAttention, NotSent, OutcomeUnknown, Unavailable

Behaviour = Callable[[socket.socket], object]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def read_request(connection: socket.socket) -> bytes:
    """The whole of it: closing a connection with something unread resets it."""
    received = b""
    while not _is_whole(received) and (part := connection.recv(4096)):
        received += part
    return received


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def answering(answer: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    return behave


def dripping(start: bytes) -> Behaviour:
    """Sends one byte every 20 ms for ever: no single read ever times out."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(start)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    return behave


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[str]:
    """The address of a server that treats its connections by turns as told, then refuses."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        for behave in behaviours:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    behave(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with http.outgoing_session(deadline_seconds=0.3) as session:
        yield session


def test_an_answer_comes_back_whole(session: requests.Session) -> None:
    body = gzip.compress(b"squeezed")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    with serving(answering(head + body)) as url:
        response = session.get(url)
    assert (response.status_code, response.text) == (200, "squeezed")


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"],
    ids=["status line", "headers", "body"],
)
def test_the_deadline_holds_against_a_dripping_server(
    session: requests.Session, start: bytes
) -> None:
    with serving(dripping(start)) as url:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            session.post(url, data="x")
        assert time.monotonic() - began < 0.6


def test_a_lost_answer_of_a_reading_request_is_merely_unavailable(
    session: requests.Session,
) -> None:
    with serving(read_request) as url, pytest.raises(Unavailable) as caught:
        session.get(url)
    assert not isinstance(caught.value, NotSent)


def test_a_request_cut_after_it_left_has_an_unknown_outcome(session: requests.Session) -> None:
    with serving(lambda connection: connection.close()) as url, pytest.raises(OutcomeUnknown):
        session.post(url, data="x" * 100_000)


def test_an_answer_cut_in_the_middle_has_an_unknown_outcome(session: requests.Session) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[{"
    with serving(answering(cut)) as url, pytest.raises(OutcomeUnknown):
        session.post(url, data="x")


def test_nobody_listening_means_not_sent(session: requests.Session) -> None:
    with serving() as url:
        pass
    with pytest.raises(NotSent, match="refused"):
        session.post(url, data="x")


def test_an_unknown_name_means_not_sent(session: requests.Session) -> None:
    with pytest.raises(NotSent):
        session.post("https://nobody.invalid/", data="x")


def test_a_silent_resolver_cannot_hold_the_request(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(5) and [])
    began = time.monotonic()
    with pytest.raises(NotSent):
        session.post("https://slow.invalid/", data="x")
    released.set()
    assert time.monotonic() - began < 0.6


def test_a_kept_alive_connection_that_dies_leaves_the_outcome_unknown(
    session: requests.Session,
) -> None:
    def answer_once_then_read_and_close(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK)
        read_request(connection)

    with serving(answer_once_then_read_and_close) as url:
        assert session.post(url, data="x").status_code == 200
        with pytest.raises(OutcomeUnknown):
            session.post(url, data="x")


def test_a_failed_tls_handshake_means_not_sent(session: requests.Session) -> None:
    with serving(answering(OK)) as url, pytest.raises(NotSent):
        session.post(url.replace("http:", "https:"), data="x")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + signed.public_bytes(Encoding.PEM)
    )
    return path


def test_tls_checks_the_certificate_and_keeps_the_deadline(certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def over_tls(behave: Behaviour) -> Behaviour:
        def behave_over_tls(connection: socket.socket) -> None:
            with context.wrap_socket(connection, server_side=True) as secured:
                behave(secured)

        return behave_over_tls

    behaviours = [over_tls(answering(OK)), over_tls(answering(OK)), over_tls(dripping(OK[:20]))]
    # A handshake takes its time on a busy machine.
    patient = http.outgoing_session(deadline_seconds=2.0)
    with serving(*behaviours) as plain_url, patient as session:
        url = plain_url.replace("http:", "https:")
        with pytest.raises(NotSent, match="certificate verify failed"):
            session.post(url, data="x")
        assert session.post(url, data="x", verify=str(certificate)).text == "ok"
        with pytest.raises(OutcomeUnknown):
            session.post(url, data="x", verify=str(certificate))


def test_redirects_are_never_followed(session: requests.Session) -> None:
    redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(redirect)) as url, pytest.raises(Unavailable, match="redirect"):
        session.get(url, headers={"Authorization": "Bearer very-secret-token"})


def test_answers_are_bounded_also_when_squeezed(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 100_000)
    bomb = gzip.compress(b"0" * 10_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with serving(answering(head + bomb)) as url, pytest.raises(OutcomeUnknown, match="too large"):
        session.post(url, data="x")


@pytest.mark.parametrize("url", ["http://example.com/", "ftp://example.com/", "https:///x", "x"])
def test_only_https_leaves_for_the_open_internet(session: requests.Session, url: str) -> None:
    with pytest.raises((NeedsAttention, requests.RequestException, ValueError)):
        session.get(url)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "169.254.169.254", "127.0.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"]
)
def test_names_that_resolve_to_private_addresses_are_refused(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(NeedsAttention, match="private network"):
        session.get("https://rebound.invalid/")


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:0a00:0001::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_public_addresses_are_told_from_private_ones(address: str, is_public: bool) -> None:
    assert sockets.is_public_address(address) is is_public


def test_credentials_of_the_environment_are_not_used(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    seen: list[bytes] = []

    def remember(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(OK)

    with serving(remember) as url:
        session.get(url, headers={"Authorization": "Bearer ours"})
    assert b"Authorization: Bearer ours" in seen[0]
    assert b"User-Agent: Patchbay" in seen[0]


@pytest.mark.django_db(transaction=True)
def test_no_request_leaves_inside_a_transaction(session: requests.Session) -> None:
    with transaction.atomic(), pytest.raises(http.RequestInTransaction):
        session.get("https://example.com/")


@pytest.mark.django_db
def test_the_wrapping_transaction_of_a_test_does_not_count(session: requests.Session) -> None:
    with serving(answering(OK)) as url:
        assert session.get(url).status_code == 200
        with transaction.atomic(), pytest.raises(http.RequestInTransaction):
            session.get(url)
