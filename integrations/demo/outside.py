"""Talking to the simulators' controls: what the outside world holds, and making it act."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests

_TIMEOUT_SECONDS = 10

Found = TypeVar("Found")


def list_records(simulator_url: str, name: str, **filters: str) -> list[dict[str, Any]]:
    """What a simulator holds under this name."""
    answer = requests.get(
        f"{simulator_url}/_sim/records/{name}", params=filters, timeout=_TIMEOUT_SECONDS
    )
    answer.raise_for_status()
    return list(answer.json())


def act(simulator_url: str, action: str, /, **arguments: Any) -> Any:
    """Have the outside world do something; what came of it."""
    answer = requests.post(
        f"{simulator_url}/_sim/actions/{action}", json=arguments, timeout=_TIMEOUT_SECONDS
    )
    answer.raise_for_status()
    return answer.json()


def wait_for(look: Callable[[], Found], *, seconds: float) -> Found:
    """Look until there is something to see, or for the last time after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
