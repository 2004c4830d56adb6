"""Status chips: one colour a meaning on every page, and never colour alone (PAGES, "Words")."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString


class Chip(StrEnum):
    """What a colour means; the names are the style sheet's."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    ATTENTION = "attention"
    FAILED = "failed"


def chip(meaning: Chip, text: str | Promise) -> SafeString:
    """A chip for lists and detail pages alike."""
    return format_html('<span class="pb-chip pb-chip-{}">{}</span>', meaning, text)
