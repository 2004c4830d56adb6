"""Which sender a person sees, and why no other stands in for it."""

import pytest

from sms.sender_choice import SenderFacts, choose_sender

NUMBER = SenderFacts(1, "+442079460000", "numeric", is_default=True)
BRAND = SenderFacts(
    2, "ACME", "branded", countries={"GB": "approved", "SG": "pending"}, default_in=("GB",)
)
SHORT = SenderFacts(3, "60123", "short_code", countries={"GB": "approved"})


@pytest.mark.parametrize(
    ("country", "named", "chosen", "reason"),
    [
        ("GB", None, 2, "The default for GB."),
        ("FR", None, 1, "The workspace's default."),
        (None, None, 1, "The workspace's default."),
        ("GB", 1, 1, "Chosen for this text."),
        ("FR", 2, 2, "Chosen for this text."),
        ("US", 2, None, "ACME is a name, and names are not carried there (US)."),
        ("SG", 2, None, "ACME is not registered there yet (SG)."),
        ("GB", 3, 3, "Chosen for this text."),
        ("FR", 3, None, "60123 is a short code, which works only in countries that are listed"),
        ("GB", 9, None, "The chosen sender no longer exists."),
    ],
)
def test_the_first_that_applies_decides(
    country: str | None, named: int | None, chosen: int | None, reason: str
) -> None:
    choice = choose_sender([NUMBER, BRAND, SHORT], country, named=named)
    assert (choice.sender.pk if choice.sender else None) == chosen
    assert choice.reason.startswith(reason)


def test_a_default_that_cannot_be_used_is_not_replaced_by_another() -> None:
    brand = SenderFacts(2, "ACME", "branded", default_in=("US",))
    assert choose_sender([NUMBER, brand], "US").sender is None


def test_without_a_default_somebody_must_choose() -> None:
    choice = choose_sender([SHORT], "GB")
    assert choice.sender is None
    assert "make one the default" in choice.reason
