"""Connecting Acme to the simulated Salesforce org, as its admin would in a browser."""

from integrations.demo.browsing import Browser
from integrations.demo.environment import DemoError
from integrations.demo.outside import act, list_records
from integrations.demo.parts import Demo
from integrations.demo.people import ACME, PASSWORD
from integrations.models import Connection, Workspace
from integrations.simulators.salesforce.seed import SYNC_USERNAME
from integrations.tenancy import workspace_scope


def connect_salesforce(demo: Demo) -> None:
    """Go through sign-in, Integrate, Allow and the callback, all of it over HTTP."""
    if not _is_connected():
        _approve(demo, "Integrate")


def reconnect_salesforce(demo: Demo) -> None:
    """The same, where the permission was taken back since."""
    if not _is_connected():
        _approve(demo, f"Connect again as {SYNC_USERNAME}")


def _approve(demo: Demo, button: str) -> None:
    console, salesforce = demo.place.console_url, demo.facts["salesforce"]["url"]
    (sync_user,) = list_records(salesforce, "User", Username=SYNC_USERNAME)
    browser = Browser()
    browser.open(f"{console}/accounts/login/")
    browser.submit(login=ACME.people[0].email, password=PASSWORD)
    browser.open(f"{console}/w/{ACME.slug}/salesforce/connection/")
    browser.press(button)
    browser.press("Allow", user_id=sync_user["Id"])
    if not _is_connected():
        raise DemoError("connecting Acme to the Salesforce simulator did not work.")


def _is_connected() -> bool:
    with workspace_scope(Workspace.objects.get(slug=ACME.slug)):
        connection = Connection.objects.find_sync_user()
        return connection is not None and connection.is_usable


def point_connections_at(url: str) -> None:
    """The simulated org is at another port than when it was connected."""
    Connection.unscoped.filter(kind=Connection.Kind.SALESFORCE).exclude(instance_url=url).update(
        instance_url=url, login_url=url
    )


def refuse_tasks(demo: Demo) -> None:
    """Have the org refuse every new Task, to show that the smoke test notices."""
    act(demo.facts["salesforce"]["url"], "refuse", sobject="Task")
