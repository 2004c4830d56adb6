"""Who took part in a call: members by extension or mail address, the outside party by number."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from calls.fold import FoldedCall, FoldedLeg
from calls.numbers import is_internal_call, strip_outside_prefix
from integrations.models import Membership
from integrations.options import Options
from integrations.phones import parse_phone


@dataclass(frozen=True)
class CallIdentity:
    """The other party of a call: ``external_e164`` is empty for internal and hidden numbers."""

    external_raw: str
    external_e164: str
    is_internal: bool
    is_withheld: bool


def find_members(folded: FoldedCall) -> dict[str, Membership]:
    """The active member behind each leg, by leg key; legs of unknown extensions are absent."""
    extensions = {leg.extension for leg in folded.legs if leg.extension}
    addresses = {leg.user_email.lower() for leg in folded.legs if leg.user_email}
    if not extensions and not addresses:
        return {}
    members = Membership.objects.active().filter(
        Q(extension__in=extensions) | Q(user__email__in=addresses)
    )
    by_extension: dict[str, Membership] = {}
    by_address: dict[str, Membership] = {}
    for member in members.select_related("user"):
        by_extension[member.extension] = member
        by_address[member.user.email] = member
    found = {}
    for leg in folded.legs:
        found_member = by_extension.get(leg.extension or "?") or by_address.get(
            (leg.user_email or "").lower()
        )
        if found_member is not None:
            found[leg.leg_key] = found_member
    return found


def identify(
    folded: FoldedCall, members: Mapping[str, Membership], options: Options, *, region: str
) -> CallIdentity:
    """Settle number and internal rule (RULES A6) for a folded call."""
    raw = folded.external_raw or folded.external or ""
    if folded.direction == "outbound":
        raw = strip_outside_prefix(raw, options["outside_prefix"])
    phone = parse_phone(raw, region)
    if phone.is_withheld:
        return CallIdentity(raw, "", is_internal=False, is_withheld=True)
    if folded.direction == "internal" or is_internal_leg(raw, folded.legs, members, options):
        return CallIdentity(raw, "", is_internal=True, is_withheld=False)
    stated = parse_phone(folded.external, None).e164 if folded.external else None
    return CallIdentity(raw, stated or phone.e164 or "", is_internal=False, is_withheld=False)


def is_internal_leg(
    far_end: str,
    legs: tuple[FoldedLeg, ...],
    members: Mapping[str, Membership],
    options: Options,
) -> bool:
    """Whether the far end of these legs is one of our own."""
    near_end = next((leg.extension for leg in legs if leg.extension), None)
    extensions = {member.extension for member in members.values() if member.extension}
    known = Membership.objects.active().filter(extension=far_end).exclude(extension="")
    if far_end and known.exists():
        extensions = extensions | {far_end}
    return is_internal_call(
        far_end,
        near_end,
        extensions=extensions,
        internal_length=options["internal_length"],
        internal_prefixes=tuple(options["internal_prefixes"]),
    )
