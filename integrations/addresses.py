"""Addresses inside and outside of workspaces (RULES F1).

Everything of a workspace lives below ``/w/<slug>/``, which the middleware moves into the script
prefix. Plain ``reverse()`` therefore stays where the running request is: inside the console it
knows console names only. These functions cross that border in either direction.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

from integrations.models import Workspace

_IN_PATH = re.compile(r"^/w/(?P<slug>[-a-zA-Z0-9_]+)(?P<rest>/.*)?$")
_AT_END_OF_PREFIX = re.compile(r"/w/[-a-zA-Z0-9_]+/$")


class WorkspacePath(NamedTuple):
    """A path split at the workspace; ``rest`` is empty where the slash after the slug lacks."""

    slug: str
    rest: str


def split_workspace_path(path: str) -> WorkspacePath | None:
    """Take ``/w/<slug>/rest`` apart; None for a path outside any workspace."""
    match = _IN_PATH.match(path)
    return WorkspacePath(match["slug"], match["rest"] or "") if match else None


def installation_prefix() -> str:
    """The script prefix of the installation, whatever workspace the running request is in."""
    return _AT_END_OF_PREFIX.sub("/", get_script_prefix())


def workspace_prefix(slug: str) -> str:
    """The script prefix of a workspace, e.g. ``/w/acme/``."""
    return f"{installation_prefix()}w/{slug}/"


@contextmanager
def script_prefix(prefix: str) -> Iterator[None]:
    """Build addresses below ``prefix`` until the block ends."""
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)


def root_url(name: str, *args: Any, **kwargs: Any) -> str:
    """Path of a page outside any workspace (accounts, OAuth, hooks), also from a console request.

    >>> root_url("account_login")
    '/accounts/login/'
    """
    with script_prefix(installation_prefix()):
        return reverse(name, urlconf=settings.ROOT_URLCONF, args=args, kwargs=kwargs)


def console_url(workspace: Workspace, name: str, *args: Any, **kwargs: Any) -> str:
    """Path of a console page of one workspace, from anywhere; ``name`` goes without ``admin:``.

    >>> console_url(acme, "index")
    '/w/acme/'
    """
    with script_prefix(workspace_prefix(workspace.slug)):
        return reverse(f"admin:{name}", urlconf=settings.CONSOLE_URLCONF, args=args, kwargs=kwargs)


def public_address(path: str) -> str:
    """The whole address of a path as people and vendors reach it; never from the Host header."""
    return f"{settings.PUBLIC_URL}{path}"
