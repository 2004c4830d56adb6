"""Fixtures of the kernel's tests."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from integrations import caching

#: Nobody listens on port 1; connecting is refused at once.
_NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis_away() -> Iterator[None]:
    """The cache's Redis cannot be reached during the test."""
    caches = deepcopy(django_settings.CACHES)
    caches["default"]["LOCATION"] = _NOBODY
    with override_settings(CACHES=caches):
        yield
    caching._away_until.pop(_NOBODY, None)
