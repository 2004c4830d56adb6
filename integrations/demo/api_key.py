"""A key of the public API, so that scripts can use the demo at once."""

import json
from typing import Any

from integrations.api_keys import find_key, make_key
from integrations.api_scopes import ApiScope
from integrations.demo.environment import DemoPlace
from integrations.demo.people import ACME
from integrations.models import ApiKey, Membership, Workspace
from integrations.tenancy import workspace_scope

_NAME = "Demo"


def describe_api(place: DemoPlace) -> dict[str, Any]:
    """Address and key for ``demo.json``. A key is told once, so that of an earlier start is read
    back from there; where it was revoked, or may too little, another one is made."""
    key = _earlier_key(place) or _make_key()
    return {
        "url": f"{place.console_url}/api/v1/",
        "document": f"{place.console_url}/api/v1/openapi.json",
        "workspace": ACME.slug,
        "key": key,
    }


def _earlier_key(place: DemoPlace) -> str:
    try:
        told = json.loads((place.data / "demo.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    text = str(told.get("api", {}).get("key", ""))
    key = find_key(text)
    return text if key and set(ApiScope.values) <= set(key.scopes) else ""


def _make_key() -> str:
    workspace = Workspace.objects.get(slug=ACME.slug)
    with workspace_scope(workspace):
        owner = Membership.objects.get(user__email=ACME.people[0].email)
        # A start that ended before it told its key left one that nobody knows.
        ApiKey.objects.filter(member=owner, name=_NAME, last_used_at=None).delete()
        _, text = make_key(owner, _NAME, list(ApiScope))
    return text
