"""Who writes a record: the member's own account, else the Sync User with an owner (RULES C5)."""

from collections.abc import Collection, Mapping

from integrations.models import Connection, CrmWrite


def find_personal_writers(
    sync_user: Connection, membership_ids: Collection[int | None]
) -> Mapping[int, Connection]:
    """The own accounts, by membership, that can write now in the Sync User's org; one query."""
    members = {one for one in membership_ids if one is not None}
    if not members:
        return {}
    accounts = Connection.objects.personal_accounts().filter(
        membership__in=members, org_id=sync_user.org_id, state=Connection.State.ACTIVE
    )
    return {one.membership_id: one for one in accounts if one.membership_id is not None}


def find_stand_in(write: CrmWrite) -> Connection | None:
    """The Sync User, where a member's own account was refused access and this one may do better.

    None once the Sync User itself was refused. None as well while it is still to be asked once more
    whether an earlier try arrived (``verify_at``): only the account that sent it surely sees that.
    """
    connection = write.connection
    if connection is None or connection.membership_id is None or write.verify_at is not None:
        return None
    return (
        Connection.unscoped.sync_users()
        .filter(workspace=write.workspace_id, org_id=write.org_id, state=Connection.State.ACTIVE)
        .first()
    )
