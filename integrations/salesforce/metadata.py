"""Files that a Salesforce admin deploys: Metadata API components and their package.xml. Pure.

Each package is a zip as `deploy` takes it (salesforce.md 7): package.xml at its root, components in
the directories of their types. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold

Values = Mapping[str, "str | bool | Values | Sequence[Values]"]


@dataclass(frozen=True, slots=True)
class Component:
    """One file: its metadata type, full name, path in the package and text."""

    type: str
    name: str
    path: str
    text: str


def build_xml(root: str, values: Values) -> str:
    """A component as XML; a list repeats its element, and booleans are ``true`` and ``false``."""
    element = ET.Element(root, {"xmlns": NAMESPACE})
    _fill(element, values)
    ET.indent(element, "    ")
    text = ET.tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _fill(parent: ET.Element, values: Values) -> None:
    for name, value in values.items():
        if isinstance(value, str | bool):
            child = ET.SubElement(parent, name)
            child.text = str(value).lower() if isinstance(value, bool) else value
        else:
            for one in [value] if isinstance(value, Mapping) else value:
                _fill(ET.SubElement(parent, name), one)


def build_package(components: Iterable[Component], *, version: str) -> bytes:
    """The zip of a package for API ``version`` (such as 60.0)."""
    files = sorted(components, key=lambda one: one.path)
    members: dict[str, set[str]] = {}
    for one in files:
        members.setdefault(one.type, set()).add(one.name)
    manifest = ET.Element("Package", {"xmlns": NAMESPACE})
    for type_name in sorted(members):
        types = ET.SubElement(manifest, "types")
        for name in sorted(members[type_name]):
            ET.SubElement(types, "members").text = name
        ET.SubElement(types, "name").text = type_name
    ET.SubElement(manifest, "version").text = version
    ET.indent(manifest, "    ")
    text = ET.tostring(manifest, encoding="unicode")
    package = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        # Several components may stand in one file, as the fields of an object do.
        for path, content in {"package.xml": package, **{o.path: o.text for o in files}}.items():
            archive.writestr(zipfile.ZipInfo(path, _EARLIEST), content)
    return buffer.getvalue()
