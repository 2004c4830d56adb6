"""Compressed requests and answers: gzip and deflate on both sides (reference 3.1)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from functools import partial

from starlette.responses import Response

from integrations.simulators.salesforce.errors import SalesforceError

_Codec = Callable[[bytes], bytes]
#: How each encoding is written and read, the better one first. Quick, and the same every time.
_CODECS: Mapping[str, tuple[_Codec, _Codec]] = {
    "gzip": (partial(gzip.compress, compresslevel=1, mtime=0), gzip.decompress),
    "deflate": (partial(zlib.compress, level=1), zlib.decompress),
}


def unpack(body: bytes, encoding: str) -> bytes:
    """A request's body as it was before ``Content-Encoding``. Raises `SalesforceError`."""
    if not body or encoding in ("", "identity"):
        return body
    if encoding not in _CODECS:
        message = f"Content-Encoding {encoding} is not supported"
        raise SalesforceError("UNSUPPORTED_MEDIA_TYPE", message, status=415)
    _, read = _CODECS[encoding]
    try:
        return read(body)
    except (OSError, EOFError, zlib.error):
        message = f"The HTTP entity body is not valid {encoding}"
        raise SalesforceError("JSON_PARSER_ERROR", message) from None


def pack(response: Response, accepted: str) -> Response:
    """The same answer in the best encoding that ``Accept-Encoding`` names, if it has a body."""
    named = {name.strip() for name, _, quality in _choices(accepted) if quality.strip() != "q=0"}
    encoding = next((one for one in _CODECS if one in named), None)
    if encoding is None or not response.body:
        return response
    write, _ = _CODECS[encoding]
    response.body = write(bytes(response.body))
    response.headers["Content-Encoding"] = encoding
    response.headers["Content-Length"] = str(len(response.body))
    return response


def _choices(accepted: str) -> list[tuple[str, str, str]]:
    return [choice.partition(";") for choice in accepted.lower().split(",")]
