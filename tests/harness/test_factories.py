"""The builders of rows, and the database and Redis that tests stand on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from calls.models import Call
from integrations.models import Connection
from integrations.roles import Role
from integrations.tenancy import workspace_scope
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_member_holds_the_roles_that_were_asked_for() -> None:
    workspace = factories.make_workspace()
    member = factories.make_member(workspace, roles=("owner", "call_agent"))
    with workspace_scope(workspace):
        assert member.roles == {Role.OWNER, Role.CALL_AGENT}


def test_two_workspaces_of_one_name_have_two_addresses() -> None:
    assert factories.make_workspace().slug != factories.make_workspace().slug


def test_connections_can_be_opened_with_their_secrets() -> None:
    workspace = factories.make_workspace()
    phone_system = factories.make_phone_system(workspace)
    sync_user = factories.make_salesforce_connection(workspace)
    stored = Connection.unscoped.get(pk=phone_system.pk)
    assert stored.credentials == {"secrets": [factories.SIGNING_SECRET]}
    with workspace_scope(workspace):
        assert Connection.objects.all().find_sync_user() == sync_user


def test_a_call_is_visible_in_its_workspace_alone() -> None:
    ours, theirs = factories.make_workspace("Ours"), factories.make_workspace("Theirs")
    call = factories.make_call(ours)
    with workspace_scope(ours):
        assert list(Call.objects.all()) == [call]
    with workspace_scope(theirs):
        assert not Call.objects.exists()


def test_the_cache_reaches_the_redis_of_this_run(redis_client: redis.Redis) -> None:
    cache.set("greeting", "hello")
    assert redis_client.dbsize() == 1
    assert cache.get("greeting") == "hello"


def test_redis_starts_every_test_empty(redis_client: redis.Redis) -> None:
    assert redis_client.dbsize() == 0


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_the_rows_of_a_test(process_environment: dict[str, str]) -> None:
    workspace = factories.make_workspace("Seen from outside")
    script = (
        "import django; django.setup();"
        "from integrations.models import Workspace; from django.core.cache import cache;"
        "cache.set('from', 'outside'); print(Workspace.objects.get().name)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script],
        env=process_environment,
        cwd=Path(settings.BASE_DIR),
        check=True,
        capture_output=True,
        text=True,
    )
    assert answer.stdout.strip() == workspace.name
    assert cache.get("from") == "outside"
    assert os.environ["REDIS_URL"] == process_environment["REDIS_URL"]
