"""Deploying a package: permission sets and custom fields in full, other types by their shape.

Every component is checked first; what passes is saved, all or nothing unless `rollbackOnError` is
off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from integrations.simulators.salesforce import custom_fields
from integrations.simulators.salesforce.access import ALL_PERMISSIONS
from integrations.simulators.salesforce.custom_fields import CustomField
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.metadata_package import (
    Element,
    Member,
    Package,
    elements,
    read_xml,
)
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.permission_deploy import PermissionSetFile

PLACES = {
    "ApexClass": "classes/{}.cls",
    "ApexPage": "pages/{}.page",
    "CallCenter": "callCenters/{}.callCenter",
    "ExternalClientApplication": "externalClientApps/{}.eca",
    "ExtlClntAppGlobalOauthSettings": "extlClntAppGlobalOauthSets/{}.ecaGlblOauth",
    "ExtlClntAppOauthSettings": "extlClntAppOauthSettings/{}.ecaOauth",
    "PermissionSet": "permissionsets/{}.permissionset",
    "QuickAction": "quickActions/{}.quickAction",
    "Report": "reports/{}.report",
}
IN_OBJECTS = {"CustomField": "fields", "WebLink": "webLinks"}
"""Types whose members stand in the file of their object, and the element that they are."""

_META = "-meta.xml"


@dataclass
class Deployment:
    """What became of a package. `polls` counts how often somebody asked."""

    id: str
    options: Mapping[str, Any]
    successes: list[Member] = field(default_factory=list)
    failures: list[tuple[Member, str]] = field(default_factory=list)
    polls: int = 0

    @property
    def check_only(self) -> bool:
        """Whether nothing was to be saved."""
        return self.options.get("checkOnly") is True

    @property
    def is_saved(self) -> bool:
        """Whether what passed was kept."""
        rolls_back = self.options.get("rollbackOnError", True)
        return not self.check_only and not (self.failures and rolls_back)

    @property
    def final_status(self) -> str:
        """Succeeded, SucceededPartial or Failed."""
        if not self.failures:
            return "Succeeded"
        return "SucceededPartial" if self.is_saved and self.successes else "Failed"


def deploy(org: Org, actor_id: str, own_id: str, options: Element, package: Package) -> Deployment:
    """Check a package, and save what may be saved."""
    deployment = Deployment(own_id, options)
    work = _Work(org, actor_id, package)
    for member in sorted(package.members, key=lambda one: one.type != "CustomField"):
        try:
            work.check(member)
            deployment.successes.append(member)
        except _ProblemError as error:
            deployment.failures.append((member, str(error)))
    if deployment.is_saved:
        work.save()
    return deployment


class _ProblemError(Exception):
    """Why a component cannot be deployed, in Salesforce's words as far as they are known."""


class _Work:
    """One package on its way; what `check` finds good, `save` saves."""

    def __init__(self, org: Org, actor_id: str, package: Package) -> None:
        self._org = org
        self._actor_id = actor_id
        self._files = package.files
        self._fields: list[CustomField] = []
        self._steps: list[Callable[[], None]] = []

    def check(self, member: Member) -> None:
        """Look at one component. Raises `_ProblemError`."""
        if member.type == "PermissionSet":
            self._check_permission_set(member)
        elif member.type in IN_OBJECTS:
            self._check_in_object(member)
        elif member.type in PLACES:
            self._check_shape(member)
        else:
            raise _ProblemError(f"Unknown type name '{member.type}' specified in package.xml")

    def save(self) -> None:
        """Save whatever was checked; fields first, because permissions name them."""
        for step in self._steps:
            step()

    def _check_permission_set(self, member: Member) -> None:
        content = PermissionSetFile(member.name, self._read(member))
        new = {
            f"{target}.{one.definition.name}"
            for one in self._fields
            for target in custom_fields.objects_of(one.sobject)
        }
        problem = content.problem(self._org, new, ALL_PERMISSIONS)
        if problem is not None:
            raise _ProblemError(problem)
        self._steps.append(lambda: content.save(self._org, self._actor_id))

    def _check_in_object(self, member: Member) -> None:
        sobject, _, name = member.name.partition(".")
        path = f"objects/{sobject}.object"
        whole = self._parse(member, path)
        found = [one for one in elements(whole, IN_OBJECTS[member.type]) if one["fullName"] == name]
        if not found:
            raise _missing(member)
        if member.type == "CustomField":
            self._check_field(member, found[0])

    def _check_field(self, member: Member, metadata: Element) -> None:
        try:
            one = custom_fields.prepare(self._org, member.name, metadata)
        except SalesforceError as error:
            raise _ProblemError(error.message) from None
        self._fields.append(one)
        self._steps.append(lambda: custom_fields.add(self._org, one))

    def _check_shape(self, member: Member) -> None:
        path = PLACES[member.type].format(member.name)
        if path + _META in self._files:
            path += _META  # code, whose XML stands beside it
        self._parse(member, path)

    def _read(self, member: Member) -> Element:
        return self._parse(member, PLACES[member.type].format(member.name))

    def _parse(self, member: Member, path: str) -> Element:
        text = self._files.get(path)
        if text is None:
            raise _missing(member)
        try:
            return read_xml(text)
        except ET.ParseError as error:
            raise _ProblemError(f"Error parsing file: {error}") from None


def _missing(member: Member) -> _ProblemError:
    return _ProblemError(
        f"An object '{member.name}' of type {member.type} was named in package.xml, but was not "
        "found in zipped directory"
    )
