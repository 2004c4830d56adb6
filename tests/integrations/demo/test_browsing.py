"""The demo's own browser, on pages of a little server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest

from integrations.demo.browsing import Browser
from integrations.demo.environment import DemoError

PAGE = """
<form method="post" action="sign-in"><input type="hidden" name="token" value="t1">
  <input name="login"><input type="password" name="password"></form>
<form method="post" action="/decide"><input type="hidden" name="token" value="t2">
  <button name="decision" value="allow">Yes,
    <b>allow</b></button><button name="decision" value="deny">No</button></form>
"""


class Site(BaseHTTPRequestHandler):
    posted: list[tuple[str, dict[str, str], str]] = []

    def do_GET(self) -> None:
        self._answer(200 if self.path != "/gone" else 410)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        cookie = self.headers.get("cookie", "")
        self.posted.append((self.path, dict(parse_qsl(body)), cookie))
        self._answer(303)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("set-cookie", "seen=yes; path=/")
        self.send_header("location", "/next")
        self.send_header("content-length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Stay quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.posted = []
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_form_is_found_by_its_fields_and_sent_with_its_hidden_values(site: str) -> None:
    browser = Browser()
    browser.open(f"{site}/accounts/")
    browser.submit(login="ada", password="secret")
    sent = {"token": "t1", "login": "ada", "password": "secret"}
    assert Site.posted == [("/accounts/sign-in", sent, "seen=yes")]


def test_a_button_is_found_by_its_text_and_brings_its_value(site: str) -> None:
    browser = Browser()
    browser.open(site)
    browser.press("Yes, allow", user_id="005")
    (posted,) = Site.posted
    assert posted[:2] == ("/decide", {"token": "t2", "decision": "allow", "user_id": "005"})


def test_what_is_not_on_the_page_is_named(site: str) -> None:
    browser = Browser()
    browser.open(site)
    with pytest.raises(DemoError, match="no button 'Integrate'"):
        browser.press("Integrate")
    with pytest.raises(DemoError, match="no form with number"):
        browser.submit(number="1")
    with pytest.raises(DemoError, match="gone answered 410"):
        browser.open(f"{site}/gone")
