"""What lists and pages show of a value: moments, numbers, links, evidence. All of it is escaped.

Moments are in the zone that is active, which the middleware sets to the member's.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.phones import format_national
from integrations.redaction import redact_values

_NO_VALUE = "–"


def moment(at: datetime | None, *, seconds: bool = False) -> SafeString:
    """A moment where the member is, with the zone on hover; a dash for none."""
    if at is None:
        return format_html("{}", _NO_VALUE)
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{} {}" class="pb-nowrap">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M:%S}",
        timezone.get_current_timezone_name(),
        moment_text(at, seconds=seconds),
    )


def moment_text(at: datetime, *, seconds: bool = False) -> str:
    """The same as plain text, without the zone; the year only where it is another one."""
    local = timezone.localtime(at)
    layout = "%d %b %H:%M:%S" if seconds else "%d %b %H:%M"
    if local.year != timezone.localtime().year:
        layout = f"%d %b %Y{layout[5:]}"
    return local.strftime(layout)


def duration(seconds: int | None) -> str:
    """A length as people say it: ``0:45``, ``12:03``, ``1:02:03``; a dash for none."""
    if seconds is None:
        return _NO_VALUE
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def seconds_between(start: datetime | None, end: datetime | None) -> int | None:
    """Whole seconds, or None where either end is not known."""
    return (end - start) // timedelta(seconds=1) if start and end else None


def phone_number(e164: str, region: str, key: object) -> SafeString:
    """A number as people in ``region`` dial it, E.164 on hover, and a button that copies it.

    ``key`` sets it apart from the other numbers of the page.
    """
    if not e164:
        return format_html("{}", _NO_VALUE)
    return format_html(
        '<span class="pb-phone"><span title="{0}" class="pb-nowrap">{1}</span>'
        '<span hidden id="pb-phone-{2}">{0}</span>'
        '<button type="button" class="pb-icon-button material-symbols-outlined"'
        ' data-copy="pb-phone-{2}" title="{3}" aria-label="{3}">content_copy</button></span>',
        e164,
        format_national(e164, region),
        key,
        _("Copy %(number)s") % {"number": e164},
    )


def outside_link(url: str, text: str | Promise) -> SafeString:
    """A link that leaves for another tab; plain text without an address."""
    if not url:
        return format_html("{}", text)
    return format_html(
        '<a class="pb-link" href="{}" target="_blank" rel="noopener noreferrer">{}'
        '<span class="pb-unseen"> {}</span></a>',
        url,
        text,
        _("(opens in a new tab)"),
    )


def evidence(value: Any) -> str:
    """A JSON value for reading, without secrets (RULES F7, MIX-26); empty for none."""
    if value is None or value == {}:
        return ""
    return json.dumps(redact_values(value), indent=2, ensure_ascii=False)
