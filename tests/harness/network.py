"""No test reaches beyond this machine: other connections and name look-ups are refused."""

import ipaddress
import socket
from typing import Any

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


class NetworkRefused(RuntimeError):  # noqa: N818
    """A test tried to reach a host other than this one."""


def _is_this_machine(host: object) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _is_address(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return True


def _check(family: int, address: Any) -> None:
    if family == socket.AF_UNIX:
        return
    if not _is_this_machine(address[0]):
        raise NetworkRefused(f"Tests stay on this machine; something asked for {address!r}.")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _check(self.family, address)
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _check(self.family, address)
    return _connect_ex(self, address)


def _guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    # Reading an address asks nobody; only names would leave the machine.
    if not _is_this_machine(host) and not _is_address(host):
        raise socket.gaierror(socket.EAI_NONAME, f"tests look up no outside name: {host!r}")
    return _getaddrinfo(host, *args, **kwargs)


def install_guard() -> None:
    """Refuse for the rest of this process. Subprocesses are not reached by it."""
    setattr(socket.socket, "connect", _guarded_connect)  # noqa: B010 - mypy: a method
    setattr(socket.socket, "connect_ex", _guarded_connect_ex)  # noqa: B010
    socket.getaddrinfo = _guarded_getaddrinfo


def remove_guard() -> None:
    """Undo :func:`install_guard`."""
    setattr(socket.socket, "connect", _connect)  # noqa: B010
    setattr(socket.socket, "connect_ex", _connect_ex)  # noqa: B010
    socket.getaddrinfo = _getaddrinfo
