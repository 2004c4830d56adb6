"""What a campaign's text says to each recipient, worked out exactly (PLUS-01, MIT-47, MIT-48).

The text is not stored per person: it follows from what was read of them and the campaign's words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sms.merge import Template, read_template
from sms.models import SmsCampaign
from sms.segments import SegmentCount, count_segments, find_costly_characters
from sms.typography import replace_typography, suggest_replacement

_COSTLY_KEPT = 20


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a campaign, read once for all of its recipients."""

    template: Template
    is_plain: bool

    @classmethod
    def of(cls, campaign: SmsCampaign) -> "Wording":
        """The words as they stand in the campaign now."""
        return cls(read_template(campaign.text), campaign.is_plain)

    def say(self, values: Mapping[str, str]) -> str:
        """The text for one person, as it is counted, sent and stored."""
        text = self.template.render(values)
        return replace_typography(text) if self.is_plain else text

    def estimate(self) -> SegmentCount:
        """What one text takes when every field is ten characters long (RULES D5)."""
        text = self.template.estimate()
        return count_segments(replace_typography(text) if self.is_plain else text)

    def has_hole(self, values: Mapping[str, str]) -> bool:
        """Whether a field is empty for this person and names no fallback."""
        return bool(self.template.empty_fields(values))


def costly_characters(text: str) -> str:
    """The different characters for which a text is Unicode, in order of their first use."""
    found = dict.fromkeys(character for _position, character in find_costly_characters(text))
    return "".join(found)[:_COSTLY_KEPT]


@dataclass(frozen=True, slots=True)
class CostlyCharacter:
    """A character that makes texts Unicode: where it stands first (code points, from 1), and what
    can stand for it; None where nothing can."""

    character: str
    position: int
    replacement: str | None


def list_costly(text: str) -> list[CostlyCharacter]:
    """Each of them once."""
    first: dict[str, int] = {}
    for position, character in find_costly_characters(text):
        first.setdefault(character, position + 1)
    return [
        CostlyCharacter(character, position, suggest_replacement(character))
        for character, position in first.items()
    ]
