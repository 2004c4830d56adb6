"""What Patchbay asked Salesforce, read by a parser that is not ours.

soql-parser-js reads SOQL. No such parser of SOSL is kept anywhere: of a FIND, the conditions and
fields of each object are read as the SOQL that they are, and the term by its reserved characters.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any

from tests.harness.node_modules import JS, install_node_modules

#: Requests of our client; what tests ask by themselves names other versions.
OUR_VERSION = "/services/data/v51.0/"
_FIND = re.compile(
    r"FIND \{(?P<term>.+?)(?<!\\)\} IN (?:PHONE|EMAIL) FIELDS RETURNING (?P<objects>.+)"
)
_OBJECT = re.compile(r"(?P<name>\w+)\((?P<fields>[\w., ]+?)(?P<where> WHERE [^()]+)?\)(?:, |$)")
#: What has a meaning in a term, unless a backslash stands before it (salesforce.md 3.5).
_RESERVED = re.compile(r"""[?&|!{}\[\]()^~*:"'+-]""")


def asked_of(requests: Iterable[dict[str, Any]]) -> set[str]:
    """The SOQL and SOSL of our own requests, from an org's request log."""
    return {
        text
        for request in requests
        if request["path"].startswith(OUR_VERSION)
        for text in (request["notes"].get("q"), *request["notes"].get("queries", ()))
        if text
    }


def unreadable(node: str, texts: Iterable[str]) -> dict[str, str]:
    """The texts that are no SOQL and no SOSL, each with why; installs the parser if needed."""
    install_node_modules()
    sosl = {text for text in texts if text.startswith("FIND")}
    queries = {part: text for text in sosl for part in _soql_in(text)}
    queries |= {text: text for text in texts if text not in sosl}
    done = subprocess.run(
        [node, str(JS / "soql_parses.cjs")],
        input=json.dumps(list(queries)),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    complaints: dict[str, str] = json.loads(done.stdout)
    bad_terms = {text: "not a search that Salesforce reads" for text in sosl if not _is_find(text)}
    return bad_terms | {queries[query]: why for query, why in complaints.items()}


def _soql_in(find: str) -> Iterator[str]:
    match = _FIND.fullmatch(find)
    for one in _OBJECT.finditer(match["objects"] if match else ""):
        yield f"SELECT {one['fields']} FROM {one['name']}{one['where'] or ''}"


def _is_find(text: str) -> bool:
    match = _FIND.fullmatch(text)
    if match is None or _OBJECT.sub("", match["objects"]):
        return False
    words = [word.removeprefix('"').removesuffix('"') for word in match["term"].split(" OR ")]
    return all(word and not _RESERVED.search(re.sub(r"\\.", "", word)) for word in words)
