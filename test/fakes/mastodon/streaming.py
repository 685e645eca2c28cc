"""The streaming service: WebSocket and server-sent events, and ways to make it misbehave."""
import asyncio
import json

from aiohttp import WSMsgType, web

import oauth
from answers import ApiError, answer, dump
from render import render_status
from timelines import in_home, in_public, tag_names

CLOSE_TIMEOUT_S = 2.0
PUBLIC = {"public", "public:local", "public:remote", "public:media", "public:local:media", "public:remote:media"}
ALL_NAMES = PUBLIC | {"hashtag", "hashtag:local", "list", "user", "user:notification", "direct"}
SSE_PATHS = {"public": "public", "public/local": "public:local", "public/remote": "public:remote",
             "hashtag": "hashtag", "hashtag/local": "hashtag:local", "list": "list", "user": "user",
             "user/notification": "user:notification", "direct": "direct"}


class Subscriber:
    """One open stream connection; what is put in its queue is written by its own handler."""

    def __init__(self, kind, account, transport):
        self.kind = kind
        self.account = account
        self.transport = transport
        self.streams = []
        self.queue = asyncio.Queue()
        self.muted = False
        self.closing = False
        self.sent = 0

    def put(self, item):
        if not self.muted:
            self.queue.put_nowait(item)


class Hub:
    def __init__(self, world, settings):
        self.world = world
        self.settings = settings
        self.subscribers = set()
        self.refuse_websocket = None
        self.refuse_all = None

    # Which statuses a stream carries -----------------------------------------------------------

    def carries(self, stream, account, status):
        name, detail = stream
        world = self.world
        local = world.is_local(status)
        if name in PUBLIC:
            if not in_public(world, status) or "media" in name and not status.fields["media_attachments"]:
                return False
            return not ("local" in name and not local or "remote" in name and local)
        if name.startswith("hashtag"):
            return (status.visibility == "public" and not status.reblog_of and detail in tag_names(status)
                    and (local or name == "hashtag"))
        if name == "user":
            return in_home(world, status, account)
        if name == "list":
            entry = world.lists.get(detail)
            return bool(entry) and status.account_id in entry["members"] and status.visibility != "direct"
        return False

    async def status_event(self, event, status):
        """Tells `update` or `status.update` to every stream that carries the status."""
        payload = None
        for subscriber in list(self.subscribers):
            for stream in subscriber.streams:
                if self.carries(stream, subscriber.account, status):
                    payload = payload or dump(self.settings.profile.trim(render_status(self.world, status)))
                    subscriber.put(("event", stream, event, payload))

    async def delete_event(self, status):
        """To be called before the status is deleted."""
        for subscriber in list(self.subscribers):
            for stream in subscriber.streams:
                if self.carries(stream, subscriber.account, status):
                    subscriber.put(("event", stream, "delete", status.id))

    def broadcast(self, item):
        for subscriber in list(self.subscribers):
            subscriber.put(item)
        return len(self.subscribers)

    # Misbehaviour -----------------------------------------------------------------------------

    def misbehave(self, action, code=1001):
        """close (in order), abort (reset), mute (nothing more, socket stays), half (part of a frame, then mute)."""
        touched = list(self.subscribers)
        for subscriber in touched:
            if action == "close":
                subscriber.muted = False
                subscriber.put(("close", code))
            elif action == "abort":
                subscriber.transport.abort()
            elif action == "mute":
                subscriber.muted = True
            elif action == "half":
                subscriber.put(("half",))
                subscriber.muted = True
            elif action == "unmute":
                subscriber.muted = False
        return len(touched)

    def describe(self):
        return [{"kind": s.kind, "streams": [_names(n) for n in s.streams], "account": s.account, "muted": s.muted,
                 "sent": s.sent} for s in self.subscribers]


def _names(stream):
    return [part for part in stream if part is not None]


def parse_stream(hub, params, account):
    """(name, tag or list id or None), or an ApiError in the streaming server's words."""
    name = params.get("stream", "")
    if name not in ALL_NAMES:
        raise ApiError(400, "Unknown stream type")
    if name.startswith("hashtag"):
        if not params.get("tag"):
            raise ApiError(400, "Missing tag name parameter")
        return name, str(params["tag"]).lower().lstrip("#")
    if name == "list":
        entry = hub.world.lists.get(str(params.get("list")))
        if entry is None or entry["owner"] != account:
            raise ApiError(401, "List not found")
        return name, entry["id"]
    if name in ("user", "user:notification", "direct") and account is None:
        raise ApiError(401, "Access token does not have the required scopes")
    return name, None


def authenticate(request):
    """Account id of the token (None for an app's token); the token may come three ways."""
    hub, grants = request.app["hub"], request.app["grants"]
    token = oauth.bearer(request) or request.headers.get("Sec-WebSocket-Protocol", "").split(",")[0].strip()
    if hub.refuse_all:
        raise ApiError(hub.refuse_all, "Streaming is not available")
    if not token:
        if request.app["settings"].stream_anonymous:
            return None
        raise ApiError(401, "Missing access token")
    grant = grants.look_up(token)
    if grant is None or grant["revoked"]:
        raise ApiError(401, "Invalid access token")
    return grant["account"]


# WebSocket ------------------------------------------------------------------------------------

async def websocket(request):
    hub = request.app["hub"]
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise ApiError(404, "Not found")
    if hub.refuse_websocket:
        return web.Response(status=hub.refuse_websocket, text="")
    account = authenticate(request)
    offered = [p.strip() for p in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if p.strip()]
    socket = web.WebSocketResponse(protocols=offered, autoping=False, compress=False, timeout=CLOSE_TIMEOUT_S)
    await socket.prepare(request)
    subscriber = Subscriber("websocket", account, request.transport)
    hub.subscribers.add(subscriber)
    writer = asyncio.create_task(write_frames(socket, subscriber))
    try:
        if request.query.get("stream"):
            await subscribe(hub, subscriber, dict(request.query), "subscribe")
        while not socket.closed:
            message = await socket.receive()
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                break
            if subscriber.muted:  # A dead peer answers nothing, not even pings.
                continue
            if message.type == WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type == WSMsgType.TEXT:
                await read_command(hub, subscriber, message.data)
        if subscriber.closing:  # The writer waits for this loop to end before it sends its close frame.
            await asyncio.wait({writer}, timeout=CLOSE_TIMEOUT_S)
    finally:
        hub.subscribers.discard(subscriber)
        writer.cancel()
    return socket


async def read_command(hub, subscriber, text):
    try:
        command = json.loads(text)
    except ValueError:
        command = None
    if not isinstance(command, dict) or command.get("type") not in ("subscribe", "unsubscribe"):
        return
    await subscribe(hub, subscriber, command, command["type"])


async def subscribe(hub, subscriber, params, kind):
    try:
        stream = parse_stream(hub, params, subscriber.account)
    except ApiError as problem:
        subscriber.put(("raw", dump({"error": str(problem), "status": problem.status})))
        return
    if kind == "subscribe" and stream not in subscriber.streams:
        subscriber.streams.append(stream)
    elif kind == "unsubscribe" and stream in subscriber.streams:
        subscriber.streams.remove(stream)


async def write_frames(socket, subscriber):
    while True:
        item = await subscriber.queue.get()
        try:
            if item[0] == "event":
                _, stream, event, payload = item
                await socket.send_str(dump({"stream": _names(stream), "event": event, "payload": payload}))
                subscriber.sent += 1
            elif item[0] == "raw":
                await socket.send_str(item[1])
            elif item[0] == "bytes":
                subscriber.transport.write(item[1])
            elif item[0] == "half":  # A text frame that says 1000 bytes and brings 24.
                subscriber.transport.write(b"\x81\x7e\x03\xe8" + b'{"stream":["public"],"ev')
            elif item[0] == "close":
                subscriber.closing = True
                await socket.close(code=item[1])
                return
        except (ConnectionError, RuntimeError):
            return


# Server-sent events ---------------------------------------------------------------------------

async def events(request):
    hub = request.app["hub"]
    name = SSE_PATHS.get(request.match_info["name"].rstrip("/"))
    account = authenticate(request)
    if name is None:
        raise ApiError(404, "Not found")
    if name.startswith("public") and request.query.get("only_media") in ("true", "1"):
        name += ":media"
    stream = parse_stream(hub, {**request.query, "stream": name}, account)
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "private, no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(b":)\n")
    subscriber = Subscriber("sse", account, request.transport)
    subscriber.streams.append(stream)
    hub.subscribers.add(subscriber)
    try:
        await write_events(response, subscriber, request.app["settings"])
    except (ConnectionError, RuntimeError):
        pass
    finally:
        hub.subscribers.discard(subscriber)
    return response


async def write_events(response, subscriber, settings):
    while True:
        try:
            item = await asyncio.wait_for(subscriber.queue.get(), settings.heartbeat)
        except asyncio.TimeoutError:
            if not subscriber.muted:
                await response.write(b":thump\n")
            elif subscriber.transport.is_closing():
                return
            continue
        if item[0] == "event":
            await response.write(f"event: {item[2]}\ndata: {item[3]}\n\n".encode())
            subscriber.sent += 1
        elif item[0] == "raw":
            await response.write(f"data: {item[1]}\n\n".encode())
        elif item[0] == "bytes":
            await response.write(item[1])
        elif item[0] == "half":
            await response.write(b'event: update\ndata: {"id":"117')
        elif item[0] == "close":
            return


async def health(_request):
    return web.Response(text="OK", content_type="text/plain", charset="utf-8")


async def metadata(request):
    return answer({"streams": request.app["hub"].describe()})


def add_routes(router):
    router.add_get("/health", health)
    router.add_get("/api/v1/streaming/health", health)
    router.add_get("/api/v1/streaming", websocket)
    router.add_get("/api/v1/streaming/", websocket)
    router.add_get("/api/v1/streaming/{name:.+}", events)
