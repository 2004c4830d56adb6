"""Secrets at rest."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from integrations.encryption import SecretUnreadable, seal, sealed_with_newest_key, unseal

SECRET = {"refresh_token": "planted-secret"}


def test_what_was_sealed_opens_and_does_not_show() -> None:
    sealed = seal(SECRET)
    assert "planted-secret" not in sealed
    assert unseal(sealed) == SECRET
    assert seal(SECRET) != sealed


def test_nothing_opens_to_nothing() -> None:
    assert unseal("") == {}
    assert sealed_with_newest_key("")


def test_keys_rotate_without_a_flag_day(settings: Settings) -> None:
    old_key, new_key = (Fernet.generate_key().decode() for _ in range(2))
    settings.ENCRYPTION_KEYS = [old_key]
    sealed = seal(SECRET)
    settings.ENCRYPTION_KEYS = [new_key, old_key]
    assert unseal(sealed) == SECRET
    assert not sealed_with_newest_key(sealed)
    assert sealed_with_newest_key(seal(SECRET))


def test_a_missing_key_is_named_and_the_value_is_not(settings: Settings) -> None:
    sealed = seal(SECRET)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SecretUnreadable, match="ENCRYPTION_KEYS") as caught:
        unseal(sealed)
    assert sealed.split(":")[2] not in str(caught.value)


def test_an_altered_value_does_not_open() -> None:
    sealed = seal(SECRET)
    with pytest.raises(SecretUnreadable, match="altered"):
        unseal(sealed[:-6] + "AAAAA=")


@pytest.mark.parametrize("value", ["plain text", "rot13:abc:def"])
def test_what_was_never_sealed_does_not_open(value: str) -> None:
    with pytest.raises(SecretUnreadable):
        unseal(value)
