"""Which External Client App people approve: the workspace's own, else the installation's (E4)."""

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from integrations import audit
from integrations.encryption import seal
from integrations.models import Connection, SalesforceApp, User
from integrations.salesforce.hosts import check_salesforce_url
from integrations.salesforce.oauth import ConsumerApp, consumer_app
from integrations.tenancy import current_workspace_id


def find_own_app() -> SalesforceApp | None:
    """The app that an admin of the workspace in scope set up."""
    return SalesforceApp.objects.filter(is_current=True).first()


def current_app() -> ConsumerApp:
    """The app for the next approval in the workspace in scope."""
    own = find_own_app()
    return _opened(own, own.login_url) if own else consumer_app()


def app_of(connection: Connection) -> ConsumerApp:
    """The app that a connection's grant was given to; its session is renewed through it alone."""
    app = connection.salesforce_app
    return _opened(app, connection.login_url) if app else consumer_app(connection.login_url)


def app_of_attempt(app_id: int | None, login_url: str) -> ConsumerApp:
    """The app that an approval was begun with, in the workspace in scope."""
    if app_id is None:
        return consumer_app(login_url)
    return _opened(SalesforceApp.objects.get(pk=app_id), login_url)


def _opened(app: SalesforceApp, login_url: str) -> ConsumerApp:
    return ConsumerApp(
        client_id=app.consumer_key,
        client_secret=str(app.secret.get("consumer_secret", "")),
        login_url=login_url.rstrip("/"),
        app_id=app.pk,
    )


def save_own_app(
    consumer_key: str,
    consumer_secret: str,
    login_url: str,
    *,
    actor: User,
    request: HttpRequest | None = None,
) -> SalesforceApp:
    """Make this the app of the workspace in scope; without a secret the known one stays.

    Raises NeedsAttention for a host that is not Salesforce's. What was approved with an earlier
    app keeps working through that one.
    """
    login_url = check_salesforce_url(login_url)
    workspace_id = current_workspace_id()
    before = find_own_app()
    with transaction.atomic():
        SalesforceApp.objects.filter(is_current=True).update(is_current=False)
        changes: dict[str, object] = {
            "login_url": login_url,
            "is_current": True,
            "updated_at": timezone.now(),
        }
        if consumer_secret:
            changes["sealed_secret"] = seal({"consumer_secret": consumer_secret})
        app, _is_new = SalesforceApp.objects.update_or_create(
            workspace_id=workspace_id, consumer_key=consumer_key, defaults=changes
        )
        audit.record(
            actor,
            "salesforce_app.saved",
            consumer_key,
            before=_describe(before),
            after=_describe(app) | ({"secret": "replaced"} if consumer_secret else {}),
            request=request,
        )
    return app


def use_installation_app(*, actor: User, request: HttpRequest | None = None) -> None:
    """Go back to the app of the installation; the own one is kept for what it still renews."""
    before = find_own_app()
    with transaction.atomic():
        if SalesforceApp.objects.filter(is_current=True).update(is_current=False):
            audit.record(
                actor,
                "salesforce_app.removed",
                str(before),
                before=_describe(before),
                request=request,
            )


def _describe(app: SalesforceApp | None) -> dict[str, str]:
    """For the audit: no secrets."""
    return {"consumer_key": app.consumer_key, "host": app.login_url} if app else {}
