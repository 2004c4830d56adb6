"""What the demo tells: ``demo.json`` for scripts, a table for people."""

import json
from collections.abc import Sequence

from integrations.demo.environment import write_private
from integrations.demo.parts import Demo
from integrations.demo.past import has_weeks_to_play
from integrations.demo.people import PASSWORD


def write_facts(demo: Demo) -> None:
    """Write ``<data>/demo.json``, for its owner only: it holds keys and secrets."""
    write_private(demo.place.data / "demo.json", json.dumps(demo.facts, indent=2) + "\n")


def format_report(demo: Demo) -> str:
    """The line that says it is ready, then addresses and sign-ins."""
    addresses = [
        (name, facts["url"])
        for name, facts in demo.facts.items()
        if isinstance(facts, dict) and "url" in facts
    ]
    rows = [(_title(name), url) for name, url in addresses]
    rows += [("Data", str(demo.place.data)), ("For scripts", str(demo.place.data / "demo.json"))]
    people = [
        (entry["email"], entry["workspace"], entry["role"], _phone(entry["extension"]))
        for entry in demo.facts["sign_ins"]
    ]
    return "\n".join(
        [
            f"Patchbay is ready: {demo.place.console_url}",
            "",
            *_columns(rows),
            "",
            f"Sign in with the password {PASSWORD} as",
            *_columns(people),
            "",
            *_what_to_expect(demo),
            "Ctrl-C stops all of it.",
        ]
    )


def _what_to_expect(demo: Demo) -> list[str]:
    lines = []
    if has_weeks_to_play(demo.place):
        lines += ["The last weeks at the office are still being played; they appear on Home soon."]
    if not demo.is_quiet:
        lines.append(
            "Somebody calls or writes now and then; the phone system's page and the SMS gateway's "
            "have a switch for that."
        )
    return lines


def _title(name: str) -> str:
    words = [word.upper() if word in ("api", "sms") else word for word in name.split("_")]
    return " ".join([words[0][0].upper() + words[0][1:], *words[1:]])


def _phone(extension: str) -> str:
    return f"extension {extension}" if extension else ""


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
