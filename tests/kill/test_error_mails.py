"""Mails about errors while the worker that sends them is killed (MII-32, K-21).

No mail server says for sure whether it took a mail whose sender died. So nothing is lost, and one
death in that moment costs one copy: never more, because the next try waits for the lease to end.
"""

import json
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from integrations import queueing
from integrations.models import Notice
from integrations.notices import open_notice
from integrations.options import active_options, publish_revision
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.harness.figures import Tell
from tests.kill.conftest import ProcessPool

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

WORKSPACES = 12
ERRORS_OF_EACH = 3
DEATHS = 20


def test_every_error_is_mailed_and_a_death_costs_at_most_one_copy(
    process_pool: ProcessPool, tmp_path: Path, tell: Tell
) -> None:
    queueing.redis_client.cache_clear()
    titles = []
    for number in range(WORKSPACES):
        workspace = make_workspace(f"Company {number}")
        make_member(workspace, ("owner",))
        with workspace_scope(workspace):
            values = {**active_options().values, "error_mail": True}
            publish_revision(values, based_on=active_options().number, actor=None)
        for error in range(ERRORS_OF_EACH):
            titles.append(f"Error {error} of company {number} (end)")
            open_notice(workspace.pk, kind="test", subject_key=f"e{error}", title=titles[-1])
    mails = tmp_path / "mails"
    environment = {
        "PATCHBAY_FAILPOINTS": json.dumps({"error_mails.after_send": 0.5}),
        "PATCHBAY_FAILPOINT_DEATHS": str(DEATHS),
        "REDIS_URL": django_settings.REDIS_URL,
        "POOL_TICK_SECONDS": "0.2",
        "POOL_MAIL_DIRECTORY": str(mails),
    }
    deadline = time.monotonic() + 120
    waiting = Notice.unscoped.filter(mail=Notice.Mail.WAITING)
    assert waiting.count() == len(titles)
    with process_pool.run(["background", "background", "sweep"], **environment):
        while waiting.exists():
            assert time.monotonic() < deadline, f"{waiting.count()} mails wait"
            time.sleep(0.1)

    sent = "".join(one.read_text() for one in mails.iterdir())
    copies = {title: sent.count(f"] {title}") for title in titles}
    deaths = process_pool.deaths()["error_mails.after_send"]
    tell(f"{len(titles)} errors, {sum(copies.values())} mails, the sender died {deaths} times")

    assert min(copies.values()) == 1
    assert sum(copies.values()) == len(titles) + deaths
    assert deaths == DEATHS
