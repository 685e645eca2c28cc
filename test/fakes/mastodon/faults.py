"""Answers that go wrong on request, the log of requests, and what every answer passes through."""
import asyncio
import json
import random
import re
import time
from collections import deque

from aiohttp import web

import limits
from answers import NO_ROUTE, ApiError, answer, dump, error

HTML_PAGE = "<!DOCTYPE html><html><head><title>Down</title></head><body><h1>We'll be back soon</h1></body></html>"
LOG_LENGTH = 20000
MOST_OF_A_BODY = 16 << 20


class Faults:
    """A list of orders such as {"kind": "status", "status": 503, "count": 2, "path": "^/api/v1/statuses"}.

    "share" (0 to 1) breaks that part of the answers that fit; the rest go on to the next order."""

    KINDS = ("status", "html", "redirect", "slow", "drip", "truncate", "garbage", "empty", "close", "hang", "huge",
             "lost", "late_error")

    def __init__(self, seed=1):
        self.orders = []
        self.random = random.Random(seed)

    def order(self, wish):
        if wish.get("kind", "status") not in self.KINDS:
            raise ApiError(400, f"kind must be one of {', '.join(self.KINDS)}")
        self.orders.append({"kind": "status", "count": 1, **wish})

    def take(self, request):
        for order in self.orders:
            if re.search(order.get("path", ""), request.path_qs) \
                    and re.fullmatch(order.get("method", ".*"), request.method) \
                    and self.random.random() < order.get("share", 1):
                order["count"] -= 1
                if order["count"] == 0:
                    self.orders.remove(order)
                return order
        return None


class RequestLog:
    def __init__(self):
        self.entries = deque(maxlen=LOG_LENGTH)
        self.number = 0

    async def add(self, request):
        self.number += 1
        raw = await request.read() if request.body_exists else b""
        text = raw.decode("utf-8", "replace") if len(raw) <= MOST_OF_A_BODY else f"({len(raw)} bytes)"
        body = text if request.body_exists else None
        entry = {"n": self.number, "time": time.time(), "method": request.method, "path": request.path,
                 "query": request.rel_url.raw_query_string, "headers": dict(request.headers), "body": body,
                 "status": None}
        self.entries.append(entry)
        return entry


@web.middleware
async def log(request, handler):
    if request.path.startswith("/_control"):
        return await handler(request)
    entry = await request.app["log"].add(request)
    response = await handler(request)
    entry["status"] = response.status
    return response


@web.middleware
async def break_answers(request, handler):
    order = None if request.path.startswith("/_control") else request.app["faults"].take(request)
    if order is None:
        return await handler(request)
    transport = request.transport  # Gone from the request as soon as the client hangs up.
    await asyncio.sleep(float(order.get("delay", 0)))
    kind = order["kind"]
    headers = dict(order.get("headers", {}))
    if kind == "status":
        status = int(order.get("status", 503))
        retry_after = order.get("retry_after", 1 if status == 503 else None)
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        response = answer(order["body"], status) if "body" in order else error(status)
        response.headers.update(headers)
        return response
    if kind == "html":
        return web.Response(text=HTML_PAGE, content_type="text/html", status=int(order.get("status", 200)))
    if kind == "redirect":
        return web.Response(status=int(order.get("status", 302)), headers={"Location": order["to"]})
    if kind == "garbage":
        return web.Response(text=order.get("body", '[{"id":"1","content":"<p>cut'), content_type="application/json")
    if kind == "empty":
        return web.Response(text="", content_type="application/json")
    if kind == "late_error":  # The request is carried out, and answered with an error.
        await handler(request)
        return error(int(order.get("status", 504)))
    if kind == "lost":  # The request is carried out, but its answer never arrives.
        await handler(request)
        transport.abort()
    elif kind == "close":
        transport.abort()
    elif kind == "hang":
        while not transport.is_closing():
            await asyncio.sleep(0.1)
    elif kind == "slow":
        return await handler(request)
    else:
        return await _body_fault(request, handler, order)
    return web.Response(status=500)


async def _body_fault(request, handler, order):
    """drip (a piece every `pause` seconds), truncate (less than announced), huge (`size` bytes of list)."""
    inner = await handler(request)
    body = inner.body if isinstance(inner.body, bytes) else b"{}"
    if order["kind"] == "huge":
        body = b"[" + b'"xxxxxxxx",' * (int(order.get("size", 64 << 20)) // 11) + b'"end"]'
    response = web.StreamResponse(status=inner.status, headers={"Content-Type": inner.headers["Content-Type"]})
    response.content_length = len(body)
    await response.prepare(request)
    try:
        if order["kind"] == "truncate":
            await response.write(body[:len(body) // 2])
            if request.transport:
                request.transport.close()
            return response
        piece = int(order.get("piece", 100 if order["kind"] == "drip" else 1 << 20))
        for start in range(0, len(body), piece):
            await response.write(body[start:start + piece])
            if order["kind"] == "drip":
                await asyncio.sleep(float(order.get("pause", 0.1)))
    except (ConnectionError, RuntimeError):
        pass
    return response


@web.middleware
async def limit_rate(request, handler):
    headers, passes = request.app["limits"].count(request)
    if not request.app["settings"].profile.rate_limit_headers:
        headers = {k: v for k, v in headers.items() if not k.startswith("X-RateLimit")}
    if not passes:
        return limits.refusal(headers)
    response = await handler(request)
    if not response.prepared:
        response.headers.update(headers)
    return response


@web.middleware
async def word_errors(request, handler):
    try:
        response = await handler(request)
    except ApiError as problem:
        return answer(problem.body, problem.status)
    except web.HTTPNotFound:
        response = play_back(request)
    except web.HTTPMethodNotAllowed:
        return error(404, NO_ROUTE)
    return response


def play_back(request):
    """The recorded answer to a GET the fake has no logic for."""
    kept = request.app["playback"].find(request.path, request.query_string) if request.method == "GET" else None
    if kept is None:
        return error(404, NO_ROUTE)
    headers = {"Content-Type": kept["content_type"]}
    if kept["link"]:
        headers["Link"] = kept["link"]
    return web.Response(body=kept["body"].encode(), status=kept["status"], headers=headers)


@web.middleware
async def apply_profile(request, handler):
    profile = request.app["settings"].profile
    if request.path.startswith("/_control"):
        return await handler(request)
    subject = f"{request.method} {request.path}"
    if any(re.search(p, subject if p.startswith("^PUT") else request.path) for p in profile.missing_paths):
        return error(404, NO_ROUTE)
    response = await handler(request)
    if profile.changes_bodies and not response.prepared and response.content_type == "application/json" \
            and isinstance(response.body, bytes):
        try:
            response.text = dump(profile.trim(json.loads(response.body)))
        except ValueError:
            pass
    return response


MIDDLEWARES = [log, break_answers, limit_rate, apply_profile, word_errors]
