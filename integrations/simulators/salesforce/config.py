"""How one simulated org is set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from integrations.simulators.salesforce.schema import Field


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class OAuthApp:
    """An External Client App that the org knows.

    `redirect_uris` are compared byte for byte. `rotation` renews the refresh token at each use.
    `run_as` is the username for which client credentials are enough, if for anybody.
    """

    consumer_key: str
    consumer_secret: str
    redirect_uris: Sequence[str]
    name: str = "Patchbay"
    scopes: frozenset[str] = frozenset({"api", "refresh_token", "id", "openid"})
    require_pkce: bool = True
    rotation: bool = True
    run_as: str | None = None


DEMO_APP = OAuthApp(
    consumer_key="3MVG9.demo.Patchbay.consumer.key",
    consumer_secret="demo-consumer-secret",  # noqa: S106 - opens nothing but this simulator
    redirect_uris=("http://localhost:8000/oauth/salesforce/callback/",),
)


@dataclass(frozen=True)
class OrgConfig:
    """One org.

    `public_url` is its address as `instance_url` and in links; None takes the host that each
    request was sent to. `store_path` is an SQLite file, or memory. `index_lag_seconds` is how
    long search is blind to what was written over the API. `external_id_field` adds a unique
    external-id text field of that name to Task; `more_fields` are the customer's own, by
    object. `more_records` are drawn around the seed's company. `password` is everybody's at the
    pages. `clock` says what time it is there (aware).
    """

    name: str = "Acme Instruments"
    public_url: str | None = None
    seed: int = 1
    store_path: str = ":memory:"
    apps: Sequence[OAuthApp] = field(default_factory=lambda: (DEMO_APP,))
    index_lag_seconds: float = 2.0
    daily_api_requests: int = 100_000
    external_id_field: str | None = None
    more_fields: Mapping[str, Sequence[Field]] = field(default_factory=dict)
    more_records: int = 0
    password: str = "demo-patchbay"  # noqa: S105 - opens nothing but this simulator
    clock: Callable[[], datetime] = _utc_now
