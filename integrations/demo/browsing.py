"""As much of a browser as it takes to sign in and to press buttons: links, forms, cookies.

The demo connects Acme to Salesforce through the same pages as a person would, so nothing in the
product has to know about demos.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from integrations.demo.environment import DemoError

_TIMEOUT_SECONDS = 20


@dataclass
class _Form:
    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _FormFinder(HTMLParser):
    """Reads the forms of a page: hidden values, names of fields, buttons by their text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._form: _Form | None = None
        self._button: tuple[str, str] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = _Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "select", "textarea"):
            self._form.names.add(given.get("name", ""))
            if given.get("type") == "hidden":
                self._form.values[given.get("name", "")] = given.get("value", "")
        elif tag == "button":
            self._button, self._text = (given.get("name", ""), given.get("value", "")), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "button" and self._button is not None:
            if self._form is not None:
                self._form.buttons[" ".join(self._text.split())] = self._button
            self._button = None


class Browser:
    """One person's browser: keeps cookies, follows redirects, stays on the last page."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._page: requests.Response | None = None

    def open(self, url: str) -> None:
        """Go to a page. Raises DemoError where it does not answer 200."""
        self._show(self._session.get(url, timeout=_TIMEOUT_SECONDS))

    @property
    def text(self) -> str:
        """The page as it came, tags and all."""
        return self._page.text if self._page is not None else ""

    def press(self, button: str, **filled_in: str) -> None:
        """Fill in the form that has this button and press it. Raises DemoError without one."""
        for form in self._forms():
            if button in form.buttons:
                self._submit(form, dict([form.buttons[button]]), filled_in)
                return
        raise DemoError(f"{self._where()} has no button {button!r}.")

    def submit(self, **filled_in: str) -> None:
        """Fill in the form that has all of these fields and send it off."""
        for form in self._forms():
            if form.names >= set(filled_in):
                self._submit(form, {}, filled_in)
                return
        raise DemoError(f"{self._where()} has no form with {', '.join(filled_in)}.")

    def _submit(self, form: _Form, pressed: dict[str, str], filled_in: dict[str, str]) -> None:
        values = {**form.values, **pressed, **filled_in}
        values.pop("", None)
        self._show(
            self._session.request(
                form.method,
                urljoin(self._where(), form.action),
                data=values if form.method == "post" else None,
                params=values if form.method == "get" else None,
                timeout=_TIMEOUT_SECONDS,
            )
        )

    def _show(self, page: requests.Response) -> None:
        self._page = page
        if page.status_code != requests.codes.ok:
            raise DemoError(f"{page.url} answered {page.status_code}.")

    def _where(self) -> str:
        return self._page.url if self._page is not None else "no page"

    def _forms(self) -> Iterator[_Form]:
        finder = _FormFinder()
        finder.feed(self.text)
        return iter(finder.forms)
