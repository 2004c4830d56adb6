"""Contact retrieval off (K-19, K-20): calls still find their record, and nothing of it is kept."""

import pytest

from integrations.models import PhoneLookup
from integrations.simulators.salesforce import seed
from tests.features.company import Company

KEEP_NONE = "I am not willing to retrieve Salesforce contact information"


@pytest.mark.feature("K-19", "K-20")
def test_without_contact_retrieval_a_call_is_filed_and_nobody_is_kept(company: Company) -> None:
    company.choose(retrieve_contacts=False)
    call = company.take(seed.ONE_CONTACT_NUMBER)
    contact = company.find("Contact", Name=seed.ONE_CONTACT_NAME)

    assert company.task()["WhoId"] == contact["Id"]
    assert company.directory() == []
    assert (call.contact_name, call.account_name, call.contact_record_id) == ("", "", "")
    page = company.page("salesforce/connection/")
    assert KEEP_NONE in page


@pytest.mark.feature("K-20")
def test_without_records_and_contacts_nobody_is_searched_for(company: Company) -> None:
    company.choose(retrieve_contacts=False, activity_history=False)
    company.take(seed.ONE_CONTACT_NUMBER)

    assert (company.searches(), company.tasks(), company.directory()) == ([], [], [])
    assert not PhoneLookup.unscoped.exists()
