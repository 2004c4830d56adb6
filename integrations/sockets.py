"""Sockets for outgoing requests: a deadline for the whole exchange, and no private addresses.

The timeouts of ``requests`` start anew with every packet, so a server that sends a byte a minute
holds a worker for ever. Here every single read and write gets only what is left of the time of
the exchange, which runs from the name look-up to the last byte of the answer. The same place sees
the first byte of a request leave, which tells *not sent* from *outcome unknown* (RULES C2).
"""

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from integrations import failpoints
from integrations.errors import NeedsAttention

#: One address may take this long to accept, so that a dead one leaves time for the next; seconds.
CONNECT_SECONDS = 10.0

AddressInfo = tuple[Any, Any, int, str, Any]
_exchange: ContextVar["Exchange"] = ContextVar("patchbay_exchange")


class DeadlinePassed(TimeoutError):  # noqa: N818
    """The time of the whole exchange is used up."""


@dataclass
class Exchange:
    """One request and its answer: until when, and whether any of it may have left."""

    ends_at: float  # time.monotonic()
    may_have_left: bool = False

    def remaining(self) -> float:
        """Seconds left; raises DeadlinePassed instead of returning nothing."""
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise DeadlinePassed("The request took longer than it may.")
        return seconds


@contextmanager
def exchange(deadline_seconds: float) -> Iterator[Exchange]:
    """Everything that our sockets do inside the block belongs to one exchange."""
    current = Exchange(time.monotonic() + deadline_seconds)
    token = _exchange.set(current)
    try:
        yield current
    finally:
        _exchange.reset(token)


class _DeadlineSocket(socket.socket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_exchange.get().remaining())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        current = _exchange.get()
        self.settimeout(current.remaining())
        current.may_have_left = True
        super().sendall(*args, **kwargs)
        failpoints.hit("http.mid_request")


class _DeadlineTLSSocket(ssl.SSLSocket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_exchange.get().remaining())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        # ``sendall`` of a TLS socket is a loop over this.
        current = _exchange.get()
        self.settimeout(current.remaining())
        current.may_have_left = True
        sent = super().send(*args, **kwargs)
        failpoints.hit("http.mid_request")
        return sent


def tls_context() -> ssl.SSLContext:
    """Certificates and names are checked, and the deadline holds inside TLS too."""
    context = create_urllib3_context()
    context.sslsocket_class = _DeadlineTLSSocket
    return context


def is_listed_private(host: str, port: int) -> bool:
    """Whether the operator lists ``host:port`` (or ``host:*``) as a private host to be called."""
    name = host.strip("[]").lower()
    listed = settings.OUTGOING_PRIVATE_HOSTS
    return f"{name}:{port}" in listed or f"{name}:*" in listed


def is_public_address(text: str) -> bool:
    """Whether an IP address belongs to the open internet, also when wrapped into IPv6."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if wrapped is None and address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public_address(str(wrapped))
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _resolve(host: str, port: int, seconds: float) -> list[AddressInfo]:
    """Look a name up; the resolver cannot be interrupted, only be left behind in its thread."""
    answers: queue.SimpleQueue[list[AddressInfo] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True, name=f"resolve {host}").start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise DeadlinePassed(f"Nobody told the address of {host} in time.") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _connect(host: str, port: int, options: Any) -> socket.socket:
    """A connected socket to the first address of ``host`` that accepts."""
    current = _exchange.get()
    addresses = _resolve(host, port, current.remaining())
    if not is_listed_private(host, port):
        _refuse_private(host, addresses)
    failure: OSError = OSError(f"{host} has no address.")
    for family, kind, protocol, _, address in addresses:
        connecting = _DeadlineSocket(family, kind, protocol)
        try:
            for option in options or ():
                connecting.setsockopt(*option)
            connecting.settimeout(min(CONNECT_SECONDS, current.remaining()))
            connecting.connect(address)
            # What the TLS handshake may take; later reads and writes set their own.
            connecting.settimeout(current.remaining())
        except OSError as error:
            connecting.close()
            failure = error
        else:
            return connecting
    raise failure


def _refuse_private(host: str, addresses: list[AddressInfo]) -> None:
    """All addresses must be public: with one private among them the name is not to be trusted."""
    if any(not is_public_address(str(address[4][0])) for address in addresses):
        raise NeedsAttention(
            f"{host} lies in a private network. An operator may allow it by "
            "OUTGOING_PRIVATE_HOSTS.",
            "DESTINATION_REFUSED",
        )


class _GuardedConnect:
    """Replaces how urllib3's connections open their socket."""

    host: str
    port: int
    socket_options: Any
    _dns_host: str

    def _new_conn(self) -> socket.socket:
        try:
            return _connect(self._dns_host, self.port, self.socket_options)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]


class _Connection(_GuardedConnect, HTTPConnection):
    pass


class _TLSConnection(_GuardedConnect, HTTPSConnection):
    pass


class GuardedPool(HTTPConnectionPool):
    """Plain connections under the rules of this module."""

    ConnectionCls = _Connection


class GuardedTLSPool(HTTPSConnectionPool):
    """TLS connections under the rules of this module."""

    ConnectionCls = _TLSConnection
