"""The preflight on its page: what was taken away is named, and its permission set can be had."""

import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest

from integrations.jobs import run_preflight
from integrations.options import active_options, publish_revision
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.features.salesforce_admin import Admin
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)

SYNC = "sync@acme.test"
NS = "{http://soap.sforce.com/2006/04/metadata}"


@pytest.fixture
def admin(salesforce_org: SalesforceOrg) -> Admin:
    admin = Admin(salesforce_org, make_member(make_workspace(), email="ada@example.test"))
    salesforce_org.connect(admin.membership.workspace)
    return admin


def choose(admin: Admin, **options: object) -> None:
    with workspace_scope(admin.workspace_id):
        active = active_options()
        publish_revision({**active.values, **options}, based_on=active.number, actor=None)


def preflight(admin: Admin, *, rehearse: bool = False) -> str:
    """Press the button, let the worker work, read the page."""
    response = admin.client.post(
        admin.url("preflight/run/"), {"rehearse": "on"} if rehearse else {}
    )
    assert response.status_code == 302
    assert "Patchbay is asking Salesforce" in admin.page("preflight/")
    connection = admin.sync_user()
    assert connection is not None
    run_preflight(connection.pk)
    return admin.page("preflight/")


def named(page: str) -> set[str]:
    """The places in the lists of what is missing."""
    return set(re.findall(r'pb-chip-failed">([^<]+: [^<]+|API enabled)</span>', page))


def download(admin: Admin, name: str = "missing") -> dict[str, ET.Element]:
    """The files of a package, each parsed; it lists all of them, and no others."""
    response = admin.client.get(admin.url(f"downloads/{name}/"))
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    return {
        path: ET.fromstring(content) for path, content in files.items() if not path.endswith(".cls")
    }


def granted(files: dict[str, ET.Element]) -> set[str]:
    """What the only permission set gives, in short words."""
    [path] = [one for one in files if one.startswith("permissionsets/")]
    root = files[path]
    given = {one.findtext(f"{NS}name", "") for one in root.iter(f"{NS}userPermissions")}
    for one in root.iter(f"{NS}fieldPermissions"):
        edit = " edit" if one.findtext(f"{NS}editable") == "true" else ""
        given.add(one.findtext(f"{NS}field", "") + edit)
    for one in root.iter(f"{NS}objectPermissions"):
        flags = [child.tag.removeprefix(NS) for child in one if child.text == "true"]
        given |= {f"{one.findtext(f'{NS}object')} {flag}" for flag in flags}
    return given


@pytest.mark.feature("MII-18")
def test_a_user_without_the_api_fails_first_of_all(admin: Admin) -> None:
    assert "Everything that is needed now is there" in preflight(admin)
    admin.org.act("set-permission", username=SYNC, permission="PermissionsApiEnabled", on=False)
    assert named(preflight(admin)) == {"API enabled"}
    assert granted(download(admin)) == {"ApiEnabled"}


@pytest.mark.feature("MII-19", "PLUS-11", "MIX-12")
@pytest.mark.parametrize("sobject", ["Account", "Contact", "Lead"])
def test_an_object_that_cannot_be_seen_is_named_and_can_be_granted(
    admin: Admin, sobject: str
) -> None:
    admin.org.act("restrict-object", sobject=sobject, username=SYNC)
    page = preflight(admin)
    assert f"{sobject}: read" in named(page)
    assert f"The user may not see {sobject} at all" in page
    assert {f"{sobject} allowRead", f"{sobject} viewAllRecords"} <= granted(download(admin))


@pytest.mark.feature("MII-19")
def test_seeing_every_record_is_a_row_of_its_own(admin: Admin) -> None:
    for permission in ("PermissionsViewAllData", "PermissionsModifyAllData"):
        admin.org.act("set-permission", username=SYNC, permission=permission, on=False)
    page = preflight(admin)
    expected = {f"{sobject}: view all" for sobject in ("Account", "Contact", "Lead")}
    assert named(page) == expected
    admin.org.act("set-permission", username=SYNC, permission="PermissionsViewSetup", on=False)
    page = preflight(admin)
    assert named(page) == set()
    assert "Cannot be proven" in page


@pytest.mark.feature("MII-20", "MII-21")
@pytest.mark.parametrize("sobject", ["Task", "Event"])
@pytest.mark.parametrize("operation", ["create", "edit"])
def test_activities_are_checked_once_activity_history_is_on(
    admin: Admin, sobject: str, operation: str
) -> None:
    admin.org.act("restrict-object", sobject=sobject, lost=[operation], username=SYNC)
    page = preflight(admin)
    assert named(page) == set()
    assert "Missing before activity history can be switched on" in page
    choose(admin, activity_history=True)
    assert named(preflight(admin)) == {f"{sobject}: {operation}"}
    assert granted(download(admin)) == {f"Edit{sobject}"}


@pytest.mark.feature("MII-22", "PLUS-11")
def test_a_task_field_that_cannot_be_written_is_named(admin: Admin) -> None:
    choose(admin, activity_history=True)
    admin.org.act("restrict-field", sobject="Task", field="Description", username=SYNC)
    assert named(preflight(admin)) == {"Task.Description: edit the field"}
    assert granted(download(admin)) == {"Task.Description edit"}


@pytest.mark.feature("MII-23")
def test_reading_users_is_a_row_only_while_somebody_is_linked(admin: Admin) -> None:
    admin.org.act("restrict-object", sobject="User", username=SYNC)
    assert "User: read" not in preflight(admin)
    make_member(admin.membership.workspace, salesforce_user_id="005000000000009AAA")
    assert named(preflight(admin)) == {"User: read"}


@pytest.mark.feature("PLUS-11")
def test_a_record_is_tried_and_undone_when_asked(admin: Admin) -> None:
    choose(admin, activity_history=True)
    before = admin.org.records("Task")
    admin.org.act(
        "add-validation-rule", sobject="Task", when="CallType = 'Inbound'", message="Not on Sunday."
    )
    assert "Not on Sunday." not in preflight(admin)
    page = preflight(admin, rehearse=True)
    assert "Salesforce refused a record: Not on Sunday." in page
    assert admin.org.records("Task") == before
    admin.org.act("allow")
    assert "Everything that is needed now is there" in preflight(admin, rehearse=True)
    assert admin.org.records("Task") == before


@pytest.mark.feature("MIX-14")
def test_what_is_missing_comes_with_the_way_in_setup_and_a_package(admin: Admin) -> None:
    admin.org.act("restrict-object", sobject="Lead", username=SYNC)
    page = preflight(admin)
    assert "Setup → Users → Permission Sets" in page
    assert "Download the missing permission set" in page
    files = download(admin)
    package = files["package.xml"]
    assert [one.text for one in package.iter(f"{NS}members")] == ["Patchbay_Missing"]
    assert package.findtext(f"{NS}types/{NS}name") == "PermissionSet"


def test_nothing_missing_is_nothing_to_download(admin: Admin) -> None:
    preflight(admin)
    assert admin.client.get(admin.url("downloads/missing/")).status_code == 404
    assert "nothing is missing" in admin.page("downloads/")


@pytest.mark.parametrize("name", ["sync-user", "user", "app", "fields", "buttons", "apex"])
def test_every_package_is_whole(admin: Admin, name: str) -> None:
    response = admin.client.get(admin.url(f"downloads/{name}/"))
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        paths = set(archive.namelist())
    files = download(admin, name)
    listed = {one.text for one in files["package.xml"].iter(f"{NS}members")}
    assert len(listed) >= 1
    assert all(root.tag.startswith(NS) for root in files.values())
    stems = {path.rpartition("/")[2].split(".")[0] for path in paths - {"package.xml"}}
    assert {str(member).split(".")[0] for member in listed} == stems


def test_the_app_names_our_callback_and_scopes(admin: Admin) -> None:
    files = download(admin, "app")
    shown = "".join(ET.tostring(root, encoding="unicode") for root in files.values())
    assert "http://localhost:8000/oauth/salesforce/callback/" in shown
    assert "Api, RefreshToken, Basic, OpenID" in shown
    assert "isPkceRequired>true" in shown
