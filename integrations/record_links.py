"""Links to records in Salesforce."""

from integrations.models import Connection


def record_url(connection: Connection | None, record_id: str) -> str:
    """Where a person opens a record; empty without one, or without a connection to its org.

    Salesforce sends ``<instance>/<id>`` on to the right page of either user interface.
    """
    if connection is None or not record_id.isalnum():
        return ""
    if not connection.instance_url.startswith(("https://", "http://")):
        return ""
    return f"{connection.instance_url.rstrip('/')}/{record_id}"
