"""The demo's key of the public API."""

import json
from pathlib import Path

import pytest

from integrations.api_keys import find_key, revoke_key
from integrations.api_scopes import ApiScope
from integrations.demo.api_key import describe_api
from integrations.demo.environment import DemoPlace
from integrations.demo.people import found_companies
from integrations.tenancy import workspace_scope

pytestmark = pytest.mark.django_db


def test_it_may_do_everything_and_stays_the_same_until_it_is_revoked(tmp_path: Path) -> None:
    found_companies()
    place = DemoPlace(port=8000, data=tmp_path)
    told = describe_api(place)
    key = find_key(told["key"])
    assert key is not None
    assert set(key.scopes) == set(ApiScope.values)
    (tmp_path / "demo.json").write_text(json.dumps({"api": told}))
    assert describe_api(place) == told

    with workspace_scope(key.workspace):
        revoke_key(key, actor=key.member.user)
    assert find_key(describe_api(place)["key"]) not in (None, key)
