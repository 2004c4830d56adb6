"""SMS gateways: one module for each, behind the contract of `sms.backends.base`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from integrations.models import Connection
from sms.backends.base import Gateway
from sms.backends.mitto import MittoGateway
from sms.backends.twilio import TwilioGateway

#: By `Connection.backend`.
BACKENDS: dict[str, Callable[[Connection], Gateway]] = {
    MittoGateway.key: MittoGateway,
    TwilioGateway.key: TwilioGateway,
}


@contextmanager
def gateway_of(connection: Connection) -> Iterator[Gateway]:
    """The gateway that a connection leads to, for as long as the block lasts."""
    gateway = BACKENDS[connection.backend](connection)
    try:
        yield gateway
    finally:
        gateway.close()
