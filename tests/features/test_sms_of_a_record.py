"""The texts of one Salesforce record, on the page that its button opens."""

import io
import re
import zipfile
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from integrations.record_links import id_spellings
from sms.models import Message
from sms.record_messages import PAGE
from tests.factories import make_member
from tests.features.marketer import one_line
from tests.features.test_sms_compose import Composer
from tests.harness.deploying import deploy
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways
from tests.sms.gateway_rows import make_message

pytestmark = pytest.mark.django_db(transaction=True)

CAMPAIGN = "7015f000000ABCDAA4"


@pytest.fixture
def composer(salesforce_org: SalesforceOrg, sms_gateways: SmsGateways) -> Composer:
    return Composer(salesforce_org, sms_gateways)


def make_text(composer: Composer, text: str, **fields: Any) -> Message:
    return make_message(composer.gateway, text=text, **fields)


@pytest.mark.feature("MIT-52", "MIT-28")
def test_the_button_of_a_record_opens_its_texts_and_nobody_elses(composer: Composer) -> None:
    admin = Client()
    admin.force_login(make_member(composer.workspace).user)
    downloads = f"/w/{composer.workspace.slug}/salesforce/connection/downloads"
    package = admin.get(f"{downloads}/sms-messages/").content
    token = composer.org.act("issue-tokens", username="admin@acme.test")["access_token"]
    assert deploy(composer.org.url, token, package)["status"] == "Succeeded"
    lead, contact = composer.add_person("Lead"), composer.add_person("Contact")
    composer.send(lead, "For the lead")
    composer.send(contact, "For the contact")
    make_text(composer, "For the campaign", campaign_record_id=CAMPAIGN, campaign_name="Harvest")

    for sobject, record, own in (
        ("Lead", lead, "For the lead"),
        ("Contact", contact, "For the contact"),
        ("Campaign", CAMPAIGN, "For the campaign"),
    ):
        button = zipfile.ZipFile(io.BytesIO(package)).read(f"objects/{sobject}.object").decode()
        [address] = re.findall(r"<url>(.+)</url>", button)
        # Salesforce's own formulas give the id in its short form.
        target = urlsplit(address.replace(f"{{!{sobject}.Id}}", record[:15]))
        page = one_line(composer.client.get(f"{target.path}?{target.query}"))
        assert re.findall("For the (?:lead|contact|campaign)", page) == [own]


@pytest.mark.feature("MIT-52")
def test_the_texts_of_a_record_go_on_page_by_page_without_a_gap(composer: Composer) -> None:
    record = "0035f000000ABCDAA4"
    for number in range(PAGE + 1):
        make_text(composer, f"text {number}.", person_record_id=record, person_name="Ana Ito")
    first = composer.page("sms/record/", record=record)
    assert "Ana Ito" in first
    [before] = re.findall(r"before=(\d+)", first)
    second = composer.page("sms/record/", record=record, before=before)
    shown = [re.findall(r"text (\d+)\.", page) for page in (first, second)]
    assert [*shown[0], *shown[1]] == [str(number) for number in reversed(range(PAGE + 1))]


def test_a_page_without_texts_and_what_is_no_record_say_so(composer: Composer) -> None:
    assert "No texts with this record yet" in composer.page(
        "sms/record/", record="0035f000000ABCDAA4"
    )
    assert "This is no Salesforce id" in composer.page("sms/record/", record="Ana")
    assert "Which record?" in composer.page("sms/record/")


def test_both_spellings_of_an_id_are_known() -> None:
    # The example of Salesforce's own help: 001A0000006Vm9r is 001A0000006Vm9rIAC.
    assert id_spellings("001A0000006Vm9r") == ["001A0000006Vm9r", "001A0000006Vm9rIAC"]
    assert id_spellings("001A0000006Vm9rIAC") == id_spellings("001A0000006Vm9r")
    assert id_spellings("nonsense") == []
