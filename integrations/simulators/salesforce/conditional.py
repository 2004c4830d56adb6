"""Describes that are asked for only if they have changed (`If-Modified-Since`, reference 3.1)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from integrations.simulators.salesforce.api import Answer, ApiCall


@dataclass(frozen=True)
class Described:
    """What a describe last said, and since when (whole seconds, as HTTP has them)."""

    digest: str
    since: datetime


def answer_if_changed(call: ApiCall, body: Any) -> Answer:
    """The body, or 304 where it has not changed since the moment that the caller names."""
    since = _described_since(call, body)
    headers = {"Last-Modified": format_datetime(since, usegmt=True)}
    named = _named_moment(call)
    if named is not None and since <= named:
        return Answer(status=304, headers=headers)
    return Answer(body, headers=headers)


def _described_since(call: ApiCall, body: Any) -> datetime:
    """Since when this address has said this to this user, as far as anybody has asked."""
    described = call.org.switches.described
    key = (call.caller.user_id, call.version, call.path.strip("/").lower())
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    before = described.get(key)
    if before is not None and before.digest == digest:
        return before.since
    since = call.org.now().astimezone(UTC).replace(microsecond=0)
    if before is not None:  # two changes within a second are two
        since = max(since, before.since + timedelta(seconds=1))
    described[key] = Described(digest, since)
    return since


def _named_moment(call: ApiCall) -> datetime | None:
    try:
        named = parsedate_to_datetime(call.headers.get("if-modified-since", ""))
    except ValueError:  # none, or no date
        return None
    return named if named.tzinfo else named.replace(tzinfo=UTC)
