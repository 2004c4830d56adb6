"""Sender ids: what one may be, which is the default, and what to know about it (RULES D5).

The limits are those of the networks: an address field holds 15 digits or 11 characters (sms.md
4.1). Who is chosen for a text is `sms.sender_choice`.
"""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from integrations import audit
from integrations.models import User
from sms.models import Sender, SenderCountry
from sms.sender_choice import COUNTRIES_WITHOUT_BRANDED

MOST_DIGITS, MOST_CHARACTERS = 15, 11
_FEWEST_DIGITS = 3
#: Mitto's own listing ends here, one digit before the networks' limit.
_MOST_DIGITS_AT_MITTO = 14
_SHORT_CODE = range(3, 9)
_BRANDED = re.compile(r"[A-Za-z0-9-]+")
#: Names that say nothing: gateways refuse them, and some carriers block them (sms.md 4.1).
_GENERIC = frozenset({"INFO", "SMS", "ALERT", "VERIFY", "OTP", "BANK", "NOTICE", "TEXT"})
_UNUSABLE = (
    SenderCountry.State.MISSING,
    SenderCountry.State.PENDING,
    SenderCountry.State.REJECTED,
    SenderCountry.State.BLOCKED,
)


def clean_value(kind: str, typed: str) -> str:
    """What is stored of a sender as somebody typed it; raises ValidationError with the reason."""
    value = typed.strip()
    if kind == Sender.Kind.BRANDED:
        return _clean_name(value)
    return _clean_digits(value, is_short_code=kind == Sender.Kind.SHORT_CODE)


def _clean_name(name: str) -> str:
    if " " in name:
        raise ValidationError(_("A name may hold no spaces. Write a hyphen instead."))
    if len(name) > MOST_CHARACTERS:
        raise ValidationError(
            _("A name may have %(most)s characters; this one has %(count)s.")
            % {"most": MOST_CHARACTERS, "count": len(name)}
        )
    if not _BRANDED.fullmatch(name):
        raise ValidationError(_("A name is made of the letters A to Z, digits and hyphens."))
    if not any(character.isalpha() for character in name):
        raise ValidationError(_("A name needs a letter. For digits alone choose the kind Number."))
    return name


def _clean_digits(typed: str, *, is_short_code: bool) -> str:
    digits = typed.removeprefix("+")
    if not re.fullmatch(r"[0-9]+", digits):
        raise ValidationError(_("A number is made of digits, with a plus before them at most."))
    if is_short_code:
        if typed.startswith("+") or len(digits) not in _SHORT_CODE:
            raise ValidationError(_("A short code has 3 to 8 digits and no plus."))
        return digits
    if not _FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        raise ValidationError(
            _("A number may have %(most)s digits; this one has %(count)s.")
            % {"most": MOST_DIGITS, "count": len(digits)}
        )
    if digits.startswith("0"):
        raise ValidationError(_("Write the number with its country code, without a leading 0."))
    return digits


def list_cautions(sender: Sender) -> Iterator[str]:
    """What somebody who uses this sender should know, in sentences."""
    if sender.kind == Sender.Kind.BRANDED:
        yield _("Nobody can answer a name, so nobody can opt out by answering STOP: write in the "
                "text how else people can.")  # fmt: skip
        countries = ", ".join(sorted(COUNTRIES_WITHOUT_BRANDED))
        yield _("Names are not carried in %(countries)s: a number must send there.") % {
            "countries": countries
        }
        yield _("Some countries want a name to be registered first: ask your account manager, and "
                "note below how it stands.")  # fmt: skip
        if sender.value.upper() in _GENERIC:
            yield _("“%(name)s” could be anybody. Gateways and carriers refuse such names.") % {
                "name": sender.value
            }
    if sender.connection.backend == "mitto" and len(sender.value) > _MOST_DIGITS_AT_MITTO:
        yield _("Mitto may refuse numbers of more than %(most)s digits.") % {
            "most": _MOST_DIGITS_AT_MITTO
        }
    if sender.kind == Sender.Kind.SHORT_CODE and not sender.countries.exists():
        yield _("A short code works only in countries that are listed below.")
    for country in sender.countries.all():
        if country.state in _UNUSABLE:
            yield _("Nothing is sent from it to %(country)s: %(state)s.") % {
                "country": country.country,
                "state": country.get_state_display().lower(),
            }


def make_default(sender: Sender, *, actor: User) -> None:
    """Let this one send wherever no other is named."""
    with transaction.atomic():
        before = Sender.objects.select_for_update().filter(is_default=True).first()
        Sender.objects.filter(is_default=True).update(is_default=False)
        Sender.objects.filter(pk=sender.pk).update(is_default=True)
        audit.record(
            actor,
            "sender.made_default",
            str(sender),
            before={"default": str(before) if before else None},
            after={"default": str(sender)},
        )


def archive(sender: Sender, *, actor: User) -> None:
    """Send nothing from it any more; what was sent keeps its name."""
    with transaction.atomic():
        Sender.objects.filter(pk=sender.pk).update(is_archived=True, is_default=False)
        audit.record(actor, "sender.archived", str(sender))


def restore(sender: Sender, *, actor: User) -> None:
    """Use it again."""
    with transaction.atomic():
        Sender.objects.filter(pk=sender.pk).update(is_archived=False)
        audit.record(actor, "sender.restored", str(sender))
