"""What somebody who sets Patchbay up must know of Salesforce beforehand."""

import re

import pytest
from django.test import Client

from integrations.addresses import console_url
from tests.factories import make_member, make_salesforce_connection, make_workspace

pytestmark = pytest.mark.django_db


@pytest.mark.feature("CRC-02")
def test_the_set_up_list_marks_what_needs_a_salesforce_administrator() -> None:
    workspace = make_workspace()
    client = Client()
    client.force_login(make_member(workspace).user)

    def marked() -> list[str]:
        """The steps that are marked, by their labels."""
        page = client.get(console_url(workspace, "index")).content.decode()
        steps = re.findall(r'<li class="pb-row">(.*?)</li>', page, re.DOTALL)
        return [
            label[1].strip()
            for step in steps
            if "Needs a Salesforce administrator" in step
            if (label := re.search(r"<p[^>]*>(.*?)<span", step, re.DOTALL))
        ]

    assert marked() == ["Salesforce is connected"]
    make_salesforce_connection(workspace)
    assert marked() == [], "it is done"
