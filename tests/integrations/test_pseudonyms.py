"""A number is known again by its pseudonym, in one workspace and by one installation alone."""

import pytest

from integrations.models import Installation
from integrations.pseudonyms import find_pseudonyms, make_pseudonym

pytestmark = pytest.mark.django_db

NUMBER = "+14155550101"


def test_a_number_has_one_pseudonym_a_workspace() -> None:
    first = make_pseudonym(1, NUMBER)
    assert len(first) == 64
    assert find_pseudonyms(1, [NUMBER]) == {NUMBER: first}
    assert make_pseudonym(2, NUMBER) != first


def test_another_installation_has_others() -> None:
    first = make_pseudonym(1, NUMBER)
    Installation.objects.update(sealed_pseudonym_key="")
    assert make_pseudonym(1, NUMBER) != first


def test_where_nobody_was_erased_nothing_is_looked_for() -> None:
    assert find_pseudonyms(1, [NUMBER]) == {}
    assert not Installation.objects.exclude(sealed_pseudonym_key="").exists()


def test_the_key_is_stored_sealed() -> None:
    make_pseudonym(1, NUMBER)
    assert Installation.objects.get().sealed_pseudonym_key.startswith("fernet:")
