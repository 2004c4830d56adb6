"""A person in front of the org's pages: opens them, fills in forms, presses buttons."""

import html
import re

import requests

from tests.integrations.simulators.org_client import OrgClient

PASSWORD = "demo-patchbay"
ADMIN, AGENT = "admin@acme.test", "agent@acme.test"
_HIDDEN = re.compile(r'<input type="hidden" name="(.*?)" value="(.*?)">')


class Person:
    """Keeps a session of their own at the pages."""

    def __init__(self, org: OrgClient, username: str = ADMIN) -> None:
        self.org = org
        self._session = requests.Session()
        answer = self.post("/login", un=username, pw=PASSWORD, startURL="/lightning")
        assert answer.ok
        assert not answer.url.endswith("/login")

    def open(self, path: str, **query: str) -> requests.Response:
        """A page, after all redirects."""
        return self._session.get(self.org.url + path, params=query, timeout=5)

    def read(self, path: str, **query: str) -> str:
        """The text of a page that must be there."""
        answer = self.open(path, **query)
        assert answer.status_code == 200, answer.text
        return text_of(answer)

    def post(self, path: str, **form: str) -> requests.Response:
        """Send a form off."""
        return self._session.post(self.org.url + path, data=form, timeout=5)

    def fill_in(self, path: str, **changes: str) -> requests.Response:
        """Open the editor at an address, change some of its inputs, save."""
        page = self.open(path)
        assert page.status_code == 200, page.text
        editor = page.text[page.text.index('class="editor"') :]
        values = {key: html.unescape(value) for key, value in _HIDDEN.findall(editor)}
        values |= inputs_of(editor) | changes
        address = page.url.removeprefix(self.org.url).partition("?")[0]
        return self.post(address, **values)

    def prefer(self, dress: str) -> None:
        """Lightning or Classic."""
        assert self.post("/_ui/preference", dress=dress, startURL="/lightning").ok


def text_of(answer: requests.Response) -> str:
    """What a page says, without markup."""
    body = re.sub(r"<[^>]+>", " ", answer.text)
    return " ".join(html.unescape(body).split())


def inputs_of(markup: str) -> dict[str, str]:
    """What the inputs of a form hold when nobody touches them."""
    found: dict[str, str] = {}
    for attributes in re.findall(r"<input (type=[^>]*)>", markup):
        given = dict(re.findall(r'(\w+)="(.*?)"', attributes))
        is_off = given["type"] in ("checkbox", "radio") and " checked" not in attributes
        if given["type"] != "hidden" and not is_off:
            found[given["name"]] = html.unescape(given.get("value", ""))
    for name, text in re.findall(
        r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', markup, re.S
    ):
        found[name] = html.unescape(text)
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', markup, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found
