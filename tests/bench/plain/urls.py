"""The baseline's two views: one that does nothing, one that inserts a row by the ORM."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from tests.bench.plain.models import PlainDelivery

_LENGTH = {"Content-Length": "2"}


@csrf_exempt
def do_nothing(request: HttpRequest) -> HttpResponse:
    """The floor: server, request, middleware, answer."""
    return HttpResponse("ok", headers=_LENGTH)


@csrf_exempt
def insert_row(request: HttpRequest) -> HttpResponse:
    """One row, committed before the answer."""
    PlainDelivery._default_manager.create(body=request.body.decode())
    return HttpResponse("ok", headers=_LENGTH)


urlpatterns = [path("nothing/", do_nothing), path("row/", insert_row)]
