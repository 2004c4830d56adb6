"""Deploying packages: what is checked, what is saved, how it is told."""

import io
import zipfile
from typing import Any

import pytest

from tests.harness.deploying import deploy
from tests.integrations.simulators.org_client import OrgClient, refused

XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
FIELD = """<fields><fullName>Grade__c</fullName><label>Grade</label><length>20</length>
<type>Text</type></fields>"""


def _zip(members: dict[str, list[str]], files: dict[str, str]) -> bytes:
    types = "".join(
        f"<types>{''.join(f'<members>{name}</members>' for name in names)}<name>{kind}</name>"
        "</types>"
        for kind, names in members.items()
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("package.xml", f"<Package {XMLNS}>{types}</Package>")
        for path, content in files.items():
            root = "CustomObject" if path.startswith("objects/") else "PermissionSet"
            archive.writestr(path, f"<{root} {XMLNS}>{content}</{root}>")
    return buffer.getvalue()


def _set(content: str, name: str = "Grades") -> bytes:
    path = f"permissionsets/{name}.permissionset"
    return _zip({"PermissionSet": [name]}, {path: f"<label>Grades</label>{content}"})


def _deploy(org: OrgClient, package: bytes, **options: Any) -> dict[str, Any]:
    return deploy(org.url, org.tokens["access_token"], package, **options)


def _problems(result: dict[str, Any]) -> list[str]:
    return [one["problem"] for one in result["details"]["componentFailures"]]


def _grant(object_name: str, *flags: str) -> str:
    on = "".join(f"<{flag}>true</{flag}>" for flag in flags)
    return f"<objectPermissions>{on}<object>{object_name}</object></objectPermissions>"


def test_a_field_and_its_permissions_come_in_one_package(org: OrgClient) -> None:
    permission = "<editable>true</editable><field>Lead.Grade__c</field><readable>true</readable>"
    package = _zip(
        {"PermissionSet": ["Grades"], "CustomField": ["Lead.Grade__c"]},
        {
            "objects/Lead.object": FIELD,
            "permissionsets/Grades.permissionset": (
                f"<label>Grades</label><fieldPermissions>{permission}</fieldPermissions>"
            ),
        },
    )
    checked = _deploy(org, package, checkOnly=True)
    assert (checked["status"], checked["numberComponentsDeployed"]) == ("Succeeded", 2)
    assert org.query("SELECT Id FROM PermissionSet WHERE Name = 'Grades'")["totalSize"] == 0
    assert _deploy(org, package)["status"] == "Succeeded"
    (one,) = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Grades'")["records"]
    org.create_id(
        "PermissionSetAssignment",
        AssigneeId=org.user_id("sync@acme.test"),
        PermissionSetId=one["Id"],
    )
    assert org.create("Lead", LastName="x", Company="y", Grade__c="A").status_code == 201
    again = _deploy(org, package)
    assert _problems(again) == ["There is already a field named Grade on Lead."]


def test_a_set_that_is_deployed_again_gives_what_it_says_now(org: OrgClient) -> None:
    agent = "agent@acme.test"
    org.act("restrict-object", sobject="Lead", lost=["create", "edit"], username=agent)
    _deploy(org, _set(_grant("Lead", "allowRead", "allowCreate")))
    (one,) = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Grades'")["records"]
    given = {"AssigneeId": org.user_id(agent), "PermissionSetId": one["Id"]}
    org.create_id("PermissionSetAssignment", **given)
    _deploy(org, _set(_grant("Lead", "allowRead", "allowEdit")))
    org.sign_in(agent)
    lead = org.call("GET", "sobjects/Lead/describe").json()
    assert (lead["createable"], lead["updateable"]) == (False, True)


def test_addresses_are_given_whole(org: OrgClient) -> None:
    org.act("restrict-field", sobject="Contact", field="MailingCity", username="agent@acme.test")
    permission = "<editable>false</editable><field>Contact.MailingAddress</field>"
    content = f"<fieldPermissions>{permission}<readable>true</readable></fieldPermissions>"
    assert _deploy(org, _set(content))["status"] == "Succeeded"
    rows = org.query("SELECT Field FROM FieldPermissions WHERE Parent.Name = 'Grades'")["records"]
    assert {"Contact.MailingCity", "Contact.MailingStreet"} <= {one["Field"] for one in rows}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            "<fieldPermissions><field>Lead.Nope__c</field></fieldPermissions>",
            "In field: field - no CustomField named Lead.Nope__c found",
        ),
        (_grant("Task", "allowRead"), "In field: object - no CustomObject named Task found"),
        (
            _grant("Contact", "allowRead"),
            "Permission Read Contact depends on permission(s): Read Account",
        ),
        (
            "<userPermissions><enabled>true</enabled><name>Fly</name></userPermissions>",
            "Unknown user permission: Fly",
        ),
    ],
)
def test_a_set_that_cannot_be_is_refused_with_the_reason(
    org: OrgClient, content: str, problem: str
) -> None:
    result = _deploy(org, _set(content))
    assert (result["status"], result["success"], _problems(result)) == ("Failed", False, [problem])


def test_without_rollback_the_good_parts_stay(org: OrgClient) -> None:
    package = _zip(
        {"CustomField": ["Lead.Grade__c", "Lead.Missing__c"], "Hologram": ["x"]},
        {"objects/Lead.object": FIELD},
    )
    result = _deploy(org, package, rollbackOnError=True)
    assert (result["status"], result["numberComponentErrors"]) == ("Failed", 2)
    assert _deploy(org, package, rollbackOnError=False)["status"] == "SucceededPartial"
    fields = org.call("GET", "tooling/query", params={"q": "SELECT Id FROM CustomField"}).json()
    assert fields["totalSize"] >= 1
    problems = " ".join(_problems(result))
    assert "was named in package.xml, but was not found in zipped directory" in problems
    assert "Unknown type name 'Hologram' specified in package.xml" in problems


def test_deploying_is_for_administrators(org: OrgClient) -> None:
    org.sign_in("agent@acme.test")
    answer = org.call("POST", "metadata/deployRequest", data=b"")
    assert refused(answer) == (403, "INSUFFICIENT_ACCESS")


@pytest.mark.parametrize("body", [b"", b"--x\r\nnothing\r\n--x--"])
def test_a_request_that_cannot_be_read(org: OrgClient, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = org.call("POST", "metadata/deployRequest", data=body, headers=headers)
    assert refused(answer) == (400, "INVALID_MULTIPART_REQUEST")
    missing = org.call("GET", "metadata/deployRequest/0Af000000000001AAA")
    assert refused(missing) == (404, "NOT_FOUND")
