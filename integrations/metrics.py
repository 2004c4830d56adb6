"""What operators watch, read from the rows at each scrape: the same in every process (F13)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db.models import Count, Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from rq import Queue

from integrations.models import (
    Connection,
    CrmWrite,
    InboundEvent,
    IntakeCount,
    Notice,
    PhoneLookup,
    WriteState,
)
from integrations.models.outbox import DUE_STATES


def _age_seconds(oldest: datetime | None) -> float:
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


class PatchbayCollector(Collector):
    """Reads the tables; every query uses a partial index or a small table."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield self._oldest_ages()
        yield self._writes_by_state()
        yield self._intake()
        yield self._connections()
        yield self._requests_left()
        yield self._notices()
        yield from self._redis()

    def _oldest_ages(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "patchbay_oldest_seconds", "Age of the oldest thing that waits.", labels=["lane"]
        )
        lanes = {
            "inbox": InboundEvent.unscoped.filter(state=InboundEvent.State.RECEIVED).aggregate(
                oldest=Min("received_at")
            ),
            "lookups": PhoneLookup.unscoped.filter(state=PhoneLookup.State.WAITING).aggregate(
                oldest=Min("requested_at")
            ),
            "outbox": CrmWrite.unscoped.filter(
                state__in=[*DUE_STATES, WriteState.UNKNOWN]
            ).aggregate(oldest=Min("created_at")),
        }
        for lane, row in lanes.items():
            family.add_metric([lane], _age_seconds(row["oldest"]))
        return family

    def _writes_by_state(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "patchbay_crm_writes", "Writes that are not finished, by state.", labels=["state"]
        )
        open_states = [state for state in WriteState if state not in ("done", "cancelled")]
        counts = dict(
            CrmWrite.unscoped.filter(state__in=open_states)
            .order_by()
            .values_list("state")
            .annotate(Count("pk"))
        )
        for state in open_states:
            family.add_metric([state], counts.get(state, 0))
        return family

    def _intake(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "patchbay_intake_last_hour",
            "Deliveries of the last hour, by answer.",
            labels=["result"],
        )
        since = timezone.now() - timedelta(hours=1)
        family.add_metric(
            ["accepted"], InboundEvent.unscoped.filter(received_at__gte=since).count()
        )
        refused = IntakeCount.unscoped.filter(hour__gte=since).order_by().values_list("result")
        for result, count in refused.annotate(Sum("count")):
            family.add_metric([result], count)
        return family

    def _connections(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "patchbay_connections", "Connections by kind and state.", labels=["kind", "state"]
        )
        rows = Connection.unscoped.order_by().values_list("kind", "state").annotate(Count("pk"))
        for kind, state, count in rows:
            family.add_metric([kind, state], count)
        return family

    def _requests_left(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "patchbay_salesforce_requests_left",
            "Salesforce requests left today, as last seen.",
            labels=["connection"],
        )
        for connection in Connection.unscoped.filter(api_maximum__isnull=False):
            left = (connection.api_maximum or 0) - (connection.api_used or 0)
            family.add_metric([str(connection.pk)], left)
        return family

    def _notices(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("patchbay_open_notices", "Open notices.", labels=["kind"])
        rows = Notice.unscoped.filter(resolved_at=None).order_by().values_list("kind")
        for kind, count in rows.annotate(Count("pk")):
            family.add_metric([kind], count)
        return family

    def _redis(self) -> Iterator[GaugeMetricFamily]:
        client = redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_CLIENT_OPTIONS)
        reachable = GaugeMetricFamily("patchbay_redis_up", "Whether Redis answers.")
        depth = GaugeMetricFamily("patchbay_queue_jobs", "Jobs waiting in Redis.", labels=["queue"])
        try:
            for name in settings.QUEUES:
                depth.add_metric([name], Queue(name, connection=client).count)
        except redis.RedisError:
            reachable.add_metric([], 0)
            yield reachable
            return
        reachable.add_metric([], 1)
        yield reachable
        yield depth


registry = CollectorRegistry(auto_describe=False)
registry.register(PatchbayCollector())
