"""What the feature tests share."""

import pytest

from tests.features.company import Company
from tests.harness.salesforce import SalesforceOrg


@pytest.fixture
def company(transactional_db: None, salesforce_org: SalesforceOrg) -> Company:
    """Acme with its telephones and its org; nobody has called yet."""
    return Company(salesforce_org)
