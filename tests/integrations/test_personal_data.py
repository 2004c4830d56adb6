"""Every column that can hold words is classified, and the printed page says the same (C8)."""

from pathlib import Path

import pytest
from django.conf import settings

from integrations.models import User
from integrations.personal_data import (
    DataKind,
    columns_to_classify,
    models_with_data,
    table,
)
from integrations.personal_data_page import personal_data_page
from integrations.registry import registry


def test_every_column_that_can_hold_words_is_classified_and_no_other() -> None:
    found = {model._meta.label: set(columns_to_classify(model)) for model in models_with_data()}
    told = {label: set(each.columns) for label, each in registry.personal_data.items()}
    unclassified = {label: names - told.get(label, set()) for label, names in found.items()}
    gone = {label: names - found.get(label, set()) for label, names in told.items()}
    assert {label: names for label, names in unclassified.items() if names} == {}
    assert {label: names for label, names in gone.items() if names} == {}
    assert set(told) == set(found)


def test_columns_of_every_kind_that_holds_words_are_asked_for() -> None:
    # Mail and web addresses are words too; dates, numbers and fixed choices are not.
    columns = set(columns_to_classify(User))
    assert {"email", "first_name", "password"} <= columns
    assert not columns & {"id", "is_active", "date_joined"}


def test_a_column_has_one_kind() -> None:
    with pytest.raises(ValueError, match="two kinds"):
        table("integrations.User", member="email", sealed="email")


def test_what_is_sealed_is_called_a_secret() -> None:
    sealed = {
        (label, name)
        for label, each in registry.personal_data.items()
        for name in each.columns
        if name.startswith("sealed") or name.endswith("digest")
    }
    # Digests of bodies and requests tell repeats apart; they open nothing.
    repeats = {
        ("integrations.InboundEvent", "body_digest"),
        ("integrations.ApiAnswer", "request_digest"),
    }
    for label, name in sealed - repeats:
        assert registry.personal_data[label].columns[name] == DataKind.SECRET


def test_the_printed_page_is_up_to_date() -> None:
    printed = Path(settings.BASE_DIR, "docs", "personal-data.md").read_text()
    assert printed == personal_data_page(), (
        "run: python3 manage.py personal_data > docs/personal-data.md"
    )
