"""`Idempotency-Key` on any POST of the API but signing in: done once, and asked again, answered as the first time.

A middleware, next to the view: so that it holds for every view there will be, and has the whole answer in its hands.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile

from django.db import Error as DatabaseFailure
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core.actions import stored_answers
from core.authentication import SessionTokenAuthentication
from core.files.limits import MAX_BODY
from core.models import StoredAnswer, User
from core.outages import outage
from core.views import errors

GetResponse = Callable[[HttpRequest], HttpResponse]

HEADER = "Idempotency-Key"
VISIBLE = re.compile(r"[!-~]{1,255}")
IN_MEMORY = 1024 * 1024  # bytes of a body; what is longer is an upload
# Refusals that would come again. Others are of the moment (401, 429, 5xx), or come before the view.
FINAL_REFUSALS = {400, 403, 404, 409, 412}
KEPT_HEADERS = ("Content-Type", "ETag", "Location")

NOT_VISIBLE_ASCII = "Must be 1 to 255 visible ASCII characters."
MISMATCH = {"detail": "This key was used for another request.", "code": "idempotency_mismatch"}
IN_FLIGHT = {"detail": "The first request with this key is still under way.", "code": "idempotency_in_flight"}


def once(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None or not applies(request):
            return get_response(request)
        try:
            return answered_once(request, key, get_response)
        except stored_answers.UnderWay:
            return JsonResponse(IN_FLIGHT, status=409, headers={"Retry-After": "1"})
        except DatabaseFailure as error:
            if found := outage(error):
                return errors.unavailable(request, found, error)
            raise

    return middleware


def applies(request: HttpRequest) -> bool:
    """Answers of /api/auth/ hold tokens, which are not stored; bodies of any length are for the view to refuse."""
    path, length = request.path_info, int(request.META.get("CONTENT_LENGTH") or 0)
    in_scope = path.startswith("/api/") and not path.startswith("/api/auth/")
    return request.method == "POST" and in_scope and length <= MAX_BODY


def answered_once(request: HttpRequest, key: str, get_response: GetResponse) -> HttpResponse:
    user = user_of(request)
    if user is None:
        return get_response(request)
    if not VISIBLE.fullmatch(key):
        return JsonResponse({HEADER: [NOT_VISIBLE_ASCII]}, status=400)
    with fingerprinted(request) as fingerprint, stored_answers.held(user=user, key=key) as row:
        if row.status_code is None:
            return answer(row, fingerprint, request, get_response)
        return replay(row) if row.fingerprint == fingerprint else JsonResponse(MISMATCH, status=422)


def user_of(request: HttpRequest) -> User | None:
    """Who asks. Somebody who is not signed in is refused by the view."""
    try:
        found = SessionTokenAuthentication().authenticate(Request(request))
    except AuthenticationFailed:
        return None
    return found[0] if found else None


@contextmanager
def fingerprinted(request: HttpRequest) -> Iterator[str]:
    """A hash of method, address and body, but for the boundary of a form: it is made up anew for each try.

    Inside, the view may read the body again, from a copy.
    """
    boundary = (request.content_params or {}).get("boundary", "").encode()
    # Keyed: a body may hold a password, which must not be guessed from a copy of the table.
    digest = salted_hmac(HEADER, f"{request.method} {request.get_full_path()}\n", algorithm="sha256")
    with SpooledTemporaryFile(IN_MEMORY) as body:
        shutil.copyfileobj(request, body)
        body.seek(0)
        for line in body:
            digest.update(line.replace(boundary, b""))
        body.seek(0)
        request._stream, request._read_started = body, False  # type: ignore[assignment, attr-defined]
        yield digest.hexdigest()


def answer(row: StoredAnswer, fingerprint: str, request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Let the view answer, and keep the answer in the transaction of its changes."""
    with transaction.atomic():
        response = get_response(request)
        if response.status_code >= 400:
            transaction.set_rollback(True)
    if response.status_code < 400 or response.status_code in FINAL_REFUSALS:
        row.fingerprint = fingerprint
        row.status_code = response.status_code
        row.headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
        row.body = response.content.decode()
        row.save()
    return response


def replay(row: StoredAnswer) -> HttpResponse:
    response = HttpResponse(row.body, status=row.status_code, headers={"Content-Type": "", **row.headers})
    if not response["Content-Type"]:
        del response["Content-Type"]  # an answer without a body
    response["Idempotency-Replayed"] = "true"
    return response
