"""Pages of ours that stand in a frame of Salesforce: their addresses, and who may frame them.

Such a page reads no cookie (RULES F10) and names its workspace by a signed address, so that nobody
can learn by trying addresses which workspaces there are and which orgs belong to them.
"""

from django.core import signing
from django.urls import NoReverseMatch

from integrations.addresses import public_address, root_url
from integrations.models import Connection, Workspace
from integrations.salesforce.hosts import frame_hosts
from integrations.tenancy import workspace_scope

_SALT = "integrations.embedding"


def embedded_address(name: str, workspace: Workspace) -> str:
    """Where the page ``name`` of a workspace is for frames; empty without such a page."""
    key = signing.Signer(salt=_SALT).signature(str(workspace.pk))
    try:
        return public_address(root_url(name, workspace_id=workspace.pk, key=key))
    except NoReverseMatch:
        return ""


def find_framed_workspace(workspace_id: int, key: str) -> Workspace | None:
    """The workspace that an address is for; None where its signature is not right."""
    try:
        signing.Signer(salt=_SALT).unsign(f"{workspace_id}:{key}")
    except signing.BadSignature:
        return None
    return Workspace.objects.filter(pk=workspace_id).first()


def framing_hosts(workspace: Workspace) -> list[str]:
    """The origins that may frame it: the pages of the connected org, and nobody else's."""
    with workspace_scope(workspace):
        connection = Connection.objects.find_sync_user()
    return frame_hosts(connection.instance_url) if connection else []
