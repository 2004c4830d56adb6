"""``/healthz``, ``/readyz`` and ``/metrics``: Patchbay as seen from outside (RULES F5, F13)."""

from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from integrations.metrics import registry


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@lru_cache(maxsize=1)
def _migrations_are_applied() -> bool:
    """Whether the schema is this release's; asked until it once was."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise DatabaseError("Migrations are missing: run manage.py migrate.")
    return True


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """This process can serve: its database answers and has this release's schema.

    Redis, queues and Salesforce are not asked: without them people still work (RULES F5).
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        _migrations_are_applied()
    except DatabaseError as error:
        return JsonResponse({"ready": False, "reason": str(error)}, status=503)
    return JsonResponse({"ready": True})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for bearers of ``METRICS_TOKEN``; without one set, nobody reads it."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        return HttpResponse("Send the METRICS_TOKEN as a bearer token.\n", status=401)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
