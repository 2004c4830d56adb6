"""Reading what is deployed: the parts of the request, the zip, its package.xml (reference 7)."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from integrations.simulators.salesforce.errors import SalesforceError

_NAMESPACE = re.compile(r"\{[^}]*\}")
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_PART_NAME = re.compile(rb'name="?([^";\r]+)"?')

Element = dict[str, Any]
"""An XML element: texts by name, nested ones as `Element`, repeated ones as lists."""


@dataclass(frozen=True)
class Member:
    """What package.xml names: a type such as `PermissionSet`, and a full name."""

    type: str
    name: str


@dataclass(frozen=True)
class Package:
    """A zip with its members."""

    members: tuple[Member, ...]
    files: Mapping[str, bytes]


def read_request(content_type: str, body: bytes) -> tuple[Element, Package]:
    """Options and package of a deploy request. Raises `SalesforceError`."""
    parts = dict(_parts(content_type, body))
    try:
        options = json.loads(parts["json"]).get("deployOptions", {})
        return options, _read_zip(parts["file"])
    except KeyError as error:
        raise _unreadable(f"the part {error} is missing") from None
    except (ValueError, AttributeError, zipfile.BadZipFile, ET.ParseError) as error:
        raise _unreadable(str(error)) from None


def read_xml(text: bytes) -> Element:
    """An XML document without its root. Raises `xml.etree.ElementTree.ParseError`."""
    return _to_element(ET.fromstring(text))  # noqa: S314 - our own tests and demo send it


def elements(parent: Element, name: str) -> list[Element]:
    """The nested elements of a name, however many there are."""
    found = parent.get(name, [])
    return found if isinstance(found, list) else [found]


def _to_element(node: ET.Element) -> Element:
    result: Element = {}
    for child in node:
        name = _NAMESPACE.sub("", child.tag)
        value: Any = _to_element(child) if len(child) else child.text or ""
        if name in result:
            before = result[name]
            value = [*before, value] if isinstance(before, list) else [before, value]
        result[name] = value
    return result


def _read_zip(data: bytes) -> Package:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    if "package.xml" not in files:
        raise ValueError("No package.xml found")
    members = tuple(
        Member(str(types["name"]), str(name))
        for types in elements(read_xml(files["package.xml"]), "types")
        for name in elements(types, "members")
    )
    return Package(members, files)


def _parts(content_type: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise _unreadable("multipart/form-data is expected")
    for part in body.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if name is not None:
            yield name[1].decode(), content.removesuffix(b"\r\n")


def _unreadable(message: str) -> SalesforceError:
    return SalesforceError("INVALID_MULTIPART_REQUEST", message)
