"""Which sender a person sees, and why (PLUS-15, sms.md 4). Pure.

The sender that somebody named; else the default for the person's country; else the workspace's.
The first of these decides: where it cannot be used, the text is refused with the reason. There is
no falling back from a name to a number, which people would not recognise.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

#: Branded names are not carried here at all; a number must send.
COUNTRIES_WITHOUT_BRANDED = frozenset({"US", "CA", "PR", "CN"})
#: Registration states in which a sender may be used.
_USABLE = frozenset({"not_needed", "approved"})
_STATE_WORDS = {
    "missing": "has no registration there",
    "pending": "is not registered there yet",
    "rejected": "was refused registration there",
    "blocked": "cannot be used there",
}


@dataclass(frozen=True, slots=True)
class SenderFacts:
    """A sender as far as the choice goes. ``countries`` maps ISO codes to registration states."""

    pk: int
    shown_as: str
    kind: str
    is_default: bool = False
    countries: Mapping[str, str] = field(default_factory=dict)
    default_in: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class SenderChoice:
    """The sender, or None; ``reason`` says why in either case."""

    sender: SenderFacts | None
    reason: str


def choose_sender(
    senders: Collection[SenderFacts], country: str | None, *, named: int | None = None
) -> SenderChoice:
    """Choose among a workspace's senders for somebody in ``country`` (None: not known)."""
    chosen, why = _pick(senders, country, named)
    if chosen is None:
        return SenderChoice(None, why)
    if obstacle := _obstacle(chosen, country):
        return SenderChoice(None, f"{chosen.shown_as} {obstacle} ({country or 'country unknown'}).")
    return SenderChoice(chosen, why)


def _pick(
    senders: Collection[SenderFacts], country: str | None, named: int | None
) -> tuple[SenderFacts | None, str]:
    if named is not None:
        found = next((sender for sender in senders if sender.pk == named), None)
        return found, "Chosen for this text." if found else "The chosen sender no longer exists."
    for sender in senders:
        if country in sender.default_in:
            return sender, f"The default for {country}."
    for sender in senders:
        if sender.is_default:
            return sender, "The workspace's default."
    return None, "No sender is the default: choose one, or make one the default under SMS, Senders."


def _obstacle(sender: SenderFacts, country: str | None) -> str | None:
    """Why this sender cannot be used there, or None."""
    state = sender.countries.get(country or "")
    if sender.kind == "branded" and country in COUNTRIES_WITHOUT_BRANDED:
        return "is a name, and names are not carried there"
    if state is not None and state not in _USABLE:
        return _STATE_WORDS[state]
    if sender.kind == "short_code" and state is None:
        return "is a short code, which works only in countries that are listed for it"
    return None
