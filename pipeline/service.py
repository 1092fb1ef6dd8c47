"""The HTTP service: bytes in, a result out, from a desk of worker processes. Owns fastapi, uvicorn and prometheus_client (extra `serve`).

A request that cannot be served soon is refused at once: nothing piles up. A body goes to a file while it comes, never into memory as a whole.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from pipeline.desk import BusyError, ClosedError, Desk
from pipeline.errors import ConfigError, OutputError
from pipeline.model.catalogue import schemas_dir
from pipeline.model.jsonbytes import dump_json, load_json
from pipeline.model.result import ENGINE_VERSION
from pipeline.worker import Task

try:
    import uvicorn
    from fastapi import FastAPI, Query, Request, Response
    from fastapi.exceptions import RequestValidationError
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect
except ModuleNotFoundError as missing:
    raise ConfigError("a service needs fastapi, uvicorn and prometheus-client: pip install 'tabularium[serve]'") from missing

__all__ = ["make_app", "open_socket", "serve"]

_BODY_SECONDS = 30.0  # for a body to come in whole
_MOST_CONNECTIONS = 512  # open at once; more get 503
_RETRY_SECONDS = 2
_MOST_LET_BY = 2 * 1024**3  # bytes of a body that is too large
_MOST_NAME = 1000  # characters
_PROBLEM = "application/problem+json"
_TITLES = {
    400: "The request is wrong",
    404: "There is nothing here",
    405: "This method is not for this address",
    408: "The body did not come in time",
    413: "The body is too large",
    415: "The body is not the document itself",
    422: "The document cannot be read",
    429: "Too many documents are waiting",
    500: "A bug",
    503: "The service cannot take documents now",
}


class _ProblemError(Exception):
    """Becomes a problem+json answer. `code` is a failure code where a document is at fault."""

    def __init__(self, status: int, detail: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code


def make_app(desk: Desk, *, body_seconds: float = _BODY_SECONDS) -> FastAPI:
    """The application over a desk, which it closes when it ends. A body may have `desk.limits.max_bytes`, and `body_seconds` to come in."""
    metrics = _Metrics(desk)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="Tabularium",
        version=ENGINE_VERSION,
        description="The tables of administrative reports as validated JSON, each number with its evidence.",
        lifespan=lifespan,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )
    numbers = itertools.count()

    async def work(request: Request, task: Callable[[Path], Task]) -> bytes:
        """Take the body in, have it worked on, and give the result as JSON."""
        if desk.is_full:
            raise _ProblemError(429, "as many documents are waiting as may; come again")
        file = desk.spool / str(next(numbers))
        try:
            await _take_in(request, file, desk.limits.max_bytes, body_seconds)
            future = desk.hand_in(task(file))
        except BusyError as error:
            file.unlink(missing_ok=True)
            raise _ProblemError(429, "as many documents are waiting as may; come again") from error
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        return await asyncio.shield(asyncio.wrap_future(future))

    @app.post(
        "/v1/extract",
        responses=_answers("A result, also of a document that could not be read: its `status` says so.", "Result"),
        openapi_extra=_BODY,
    )
    async def extract(
        request: Request,
        name: Annotated[str | None, Query(max_length=_MOST_NAME, description="the document's file name; its ending is a hint")] = None,
        uri: Annotated[str | None, Query(max_length=_MOST_NAME, description="where it was captured; goes into the result")] = None,
        form: Annotated[list[str] | None, Query(description="id of a form to look for; repeatable; none: all")] = None,
    ) -> Response:
        """One document in, its result out: reports of known forms, tables as printed, evidence, findings."""
        _refuse_mistakes(request, "name", "uri", "form")
        forms = _known(desk, form)
        result = await work(request, lambda file: _task(file, request, name, uri, forms))
        metrics.count(load_json(result)["status"])
        return Response(result, media_type="application/json")

    @app.post("/v1/tables", responses=_answers("The tables as printed.", "Tables"), openapi_extra=_BODY)
    async def tables(
        request: Request,
        name: Annotated[str | None, Query(max_length=_MOST_NAME, description="the document's file name; its ending is a hint")] = None,
    ) -> Response:
        """Every table of one document as printed, no form needed."""
        _refuse_mistakes(request, "name")
        result = load_json(await work(request, lambda file: _task(file, request, name, None, ())))
        metrics.count(result["status"])
        if result["failure"] is not None:
            raise _ProblemError(422, result["failure"]["message"], result["failure"]["code"])
        return Response(dump_json({"tables": result["tables"]}), media_type="application/json")

    @app.get("/healthz", responses={503: _PROBLEM_ANSWER})
    async def healthz() -> dict[str, Any]:
        """Whether the service takes documents, and how many it has."""
        if desk.is_closed:
            raise _ProblemError(503, "the service is ending")
        return {
            "status": "ok",
            "version": ENGINE_VERSION,
            "workers": desk.jobs,
            "unfinished": desk.unfinished,
            "forms": [form.id for form in desk.forms],
        }

    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})
    async def prometheus() -> Response:
        """Counts and times, for Prometheus."""
        return Response(generate_latest(metrics.registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.middleware("http")
    async def measured(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        started = time.monotonic()
        response = await call(request)
        metrics.measure(request, response.status_code, time.monotonic() - started)
        return response

    _tell_problems(app)
    _describe_results(app, [form.id for form in desk.forms])
    return app


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. OutputError when the address cannot be had."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise OutputError(f"cannot listen on {host} port {port}: {reason}") from error


def serve(desk: Desk, listening: socket.socket, *, body_seconds: float = _BODY_SECONDS) -> None:
    """Serve until a signal ends it; requests that are under way are finished first."""
    app = make_app(desk, body_seconds=body_seconds)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=10, timeout_graceful_shutdown=30,
        server_header=False, h11_max_incomplete_event_size=64 * 1024, ws="none",
    )  # fmt: skip
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        desk.close()


# ---- a request -------------------------------------------------------------------------------------------------------


async def _take_in(request: Request, file: Path, max_bytes: int, seconds: float) -> None:
    """Write the body to a file. _ProblemError when it is too large, too slow, or breaks off."""
    declared = request.headers.get("content-length", "")
    too_large = f"a document may have {max_bytes} bytes"
    if declared.isdecimal() and int(declared[:19]) > max_bytes + _MOST_LET_BY:
        raise _ProblemError(413, too_large)
    # A client that is still sending does not hear an answer: what is too much is let run by, but not for ever.
    count, most = 0, max_bytes + _MOST_LET_BY
    try:
        async with asyncio.timeout(seconds):
            with file.open("xb", buffering=0) as target:
                async for chunk in request.stream():
                    count += len(chunk)
                    if count <= max_bytes:
                        target.write(chunk)
                    elif count > most:
                        break
        if count > max_bytes:
            raise _ProblemError(413, too_large)
    except TimeoutError as error:
        raise _ProblemError(408, f"a body has {seconds:g} seconds to come in") from error
    except OSError as error:  # the disk is full, or the desk closed meanwhile
        raise _ProblemError(503, f"the body cannot be kept: {error.strerror or error}") from error
    except ClientDisconnect as error:
        raise _ProblemError(400, "the body broke off") from error


def _refuse_mistakes(request: Request, *known: str) -> None:
    """_ProblemError for a parameter that nobody would look at, and for an upload form, whose frame would be read as part of the document."""
    for name in request.query_params:
        if name not in known:
            raise _ProblemError(400, f"there is no parameter {name!r} here; known: {', '.join(known)}")
    if request.headers.get("content-type", "").split(";")[0].strip().lower() == "multipart/form-data":
        raise _ProblemError(415, "send the bytes of the document as the body (curl --data-binary @FILE), not as a form")


def _task(file: Path, request: Request, name: str | None, uri: str | None, forms: tuple[str, ...] | None) -> Task:
    media_type = request.headers.get("content-type")
    if media_type is None or media_type.split(";")[0].strip().lower() in ("application/octet-stream", "application/x-www-form-urlencoded"):
        media_type = None  # what clients say who say nothing
    return Task(name or "", bytes(file), is_member=True, media_type=media_type, uri=uri, forms=forms, is_named=bool(name))


def _known(desk: Desk, forms: list[str] | None) -> tuple[str, ...] | None:
    if not forms:
        return None
    known = [form.id for form in desk.forms]
    for form in forms:
        if form not in known:
            raise _ProblemError(400, f"there is no form {form!r}; known: {', '.join(known)}")
    return tuple(dict.fromkeys(forms))


class _Metrics:
    """What is counted, of one application."""

    def __init__(self, desk: Desk) -> None:
        self.registry = CollectorRegistry()
        self._documents = Counter("tabularium_documents", "Documents by the status of their result", ["status"], registry=self.registry)
        self._requests = Counter("tabularium_requests", "Requests by path and status code", ["path", "code"], registry=self.registry)
        self._seconds = Histogram("tabularium_request_seconds", "Time of a request, its body included", ["path"], registry=self.registry)
        Gauge("tabularium_unfinished", "Documents waiting or worked on", registry=self.registry).set_function(lambda: desk.unfinished)
        Gauge("tabularium_workers", "Worker processes at most", registry=self.registry).set(desk.jobs)

    def count(self, status: str) -> None:
        self._documents.labels(status).inc()

    def measure(self, request: Request, code: int, seconds: float) -> None:
        route = request.scope.get("route")
        path = getattr(route, "path", "other")  # never what a client made up: each would be a series of its own
        self._requests.labels(path, str(code)).inc()
        self._seconds.labels(path).observe(seconds)


# ---- problems --------------------------------------------------------------------------------------------------------


def _tell_problems(app: FastAPI) -> None:
    """Every error, also the framework's own, as problem+json."""

    @app.exception_handler(_ProblemError)
    async def ours(_: Request, error: _ProblemError) -> Response:
        return _answer(error.status, error.detail, error.code)

    @app.exception_handler(ClosedError)
    async def closed(_: Request, __: ClosedError) -> Response:
        return _answer(503, "the service is ending")

    @app.exception_handler(RequestValidationError)
    async def wrong(_: Request, error: RequestValidationError) -> Response:
        found = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        return _answer(400, found)

    @app.exception_handler(HTTPException)
    async def theirs(_: Request, error: HTTPException) -> Response:
        response = _answer(error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def bug(_: Request, error: Exception) -> Response:
        return _answer(500, f"{type(error).__name__}; the log has more")


def _answer(status: int, detail: str, code: str | None = None) -> Response:
    body: dict[str, Any] = {"type": "about:blank", "title": _TITLES.get(status, "An error"), "status": status, "detail": detail}
    if code is not None:
        body |= {"type": f"urn:tabularium:failure:{code}", "code": code}
    headers = {"Retry-After": str(_RETRY_SECONDS)} if status in (429, 503) else {}
    if status in (408, 413, 415, 429):
        headers["Connection"] = "close"  # the rest of the body is not read
    return Response(dump_json(body), status, headers, media_type=_PROBLEM)


# ---- the description -------------------------------------------------------------------------------------------------

_PROBLEM_ANSWER: dict[str, Any] = {
    "description": "A problem",
    "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_BODY = {
    "requestBody": {
        "required": False,  # none is an empty document, which has a result like any other
        "description": "The document; Content-Type is a hint, the bytes decide.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _answers(description: str, schema: str) -> dict[int | str, dict[str, Any]]:
    good = {"description": description, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}
    return {200: good, **dict.fromkeys((400, 408, 413, 415, 422, 429, 500, 503), _PROBLEM_ANSWER)}


def _describe_results(app: FastAPI, forms: list[str]) -> None:
    """Put the JSON Schema of results, and the ids of the forms, into the OpenAPI description."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            description = made()
            text = (schemas_dir() / "result.schema.json").read_bytes().replace(b'"#/$defs/', b'"#/components/schemas/')
            result = load_json(text)
            definitions = result.pop("$defs")
            for key in ("$schema", "$id"):
                result.pop(key, None)
            schemas = description.setdefault("components", {}).setdefault("schemas", {})
            schemas |= {"Result": result, **definitions, "Tables": _TABLES_SCHEMA, "Problem": _PROBLEM_SCHEMA}
            for parameter in description["paths"]["/v1/extract"]["post"]["parameters"]:
                if parameter["name"] == "form":
                    parameter["schema"] = {"type": "array", "items": {"type": "string", "enum": forms}}
            app.openapi_schema = description
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


_TABLES_SCHEMA = {
    "type": "object",
    "required": ["tables"],
    "properties": {"tables": {"type": "array", "items": {"$ref": "#/components/schemas/table"}}},
}
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}
