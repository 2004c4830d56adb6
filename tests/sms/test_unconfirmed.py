"""Deciding about an unconfirmed text: once, and never against what was learnt meanwhile."""

import pytest
from django.core.exceptions import ValidationError

from integrations.models import Connection, Workspace
from sms.models import Message
from sms.unconfirmed import send_again, settle_as_not_sent, settle_as_sent
from tests.factories import make_member
from tests.sms.gateway_rows import make_message


@pytest.mark.usefixtures("sender")
@pytest.mark.parametrize("decide", [settle_as_sent, settle_as_not_sent, send_again])
def test_of_two_decisions_made_at_once_one_counts(
    workspace: Workspace, connection: Connection, decide: object
) -> None:
    assert callable(decide)
    actor = make_member(workspace)
    message = make_message(connection, state="unconfirmed", phone_e164="+447700900123")
    seen_by_both = Message.objects.get(pk=message.pk)
    decide(message, actor=actor)

    with pytest.raises(ValidationError, match="changed just now"):
        decide(seen_by_both, actor=actor)
    assert Message.objects.filter(replaces=message).count() == (decide is send_again)
