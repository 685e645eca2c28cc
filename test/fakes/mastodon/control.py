"""`/_control/…`: what tests tell the fake to do. README.md lists the calls with examples."""
import asyncio
import re

import text_rules
from answers import NOT_FOUND, ApiError, answer, read_params
from profiles import PROFILES
from render import render_status, render_text

COUNTS = ("replies_count", "reblogs_count", "favourites_count")


async def wishes(request):
    """The JSON object of the request's body; an empty body is an empty object."""
    if not request.body_exists:
        return {}
    try:
        body = await request.json()
    except ValueError as problem:
        raise ApiError(400, "the body must be JSON") from problem
    if not isinstance(body, dict):
        raise ApiError(400, "the body must be a JSON object")
    return body


def _status(request, wish):
    status = request.app["world"].get(str(wish.get("id")))
    if status is None:
        raise ApiError(404, NOT_FOUND)
    return status


def _account(request, acct):
    world = request.app["world"]
    return world.find_account(acct) or world.add_account(acct)


def _content(request, wish):
    """Text becomes HTML with its hashtags and mentions; members given besides win."""
    if "text" not in wish:
        return {}
    content, tags, mentions = render_text(request.app["world"], wish["text"])
    return {"content": content, "tags": tags, "mentions": mentions}


async def publish(request):
    wish = await wishes(request)
    world, hub = request.app["world"], request.app["hub"]
    account = _account(request, wish.pop("account", "alice"))
    streamed, times = wish.pop("stream", True), int(wish.pop("times", 1))
    ids, status = [], None
    for _ in range(times):
        fields = {**_content(request, wish), **{k: v for k, v in wish.items() if k != "text"}}
        parent = world.get(fields.get("in_reply_to_id"))
        if parent:
            fields.setdefault("in_reply_to_account_id", parent.account_id)
        if fields.get("reblog_of") in world.statuses:
            world.bump(world.statuses[fields["reblog_of"]], "reblogs_count", 1)
        status = world.add_status(account["id"], fields.pop("content", ""), wish.get("text", ""), **fields)
        ids.append(status.id)
        if streamed:
            await hub.status_event("update", status)
        if times > 1:
            await asyncio.sleep(0)
    if status is None:
        raise ApiError(400, "times must be at least 1")
    return answer({"ids": ids, "status": render_status(world, status)})


async def edit(request):
    wish = await wishes(request)
    status = _status(request, wish)
    fields = {**_content(request, wish), **{k: v for k, v in wish.items() if k not in ("id", "stream")}}
    request.app["world"].edit_status(status, **fields)
    if wish.get("stream", True):
        await request.app["hub"].status_event("status.update", status)
    return answer(render_status(request.app["world"], status))


async def delete(request):
    wish = await wishes(request)
    status = _status(request, wish)
    if wish.get("stream", True):
        await request.app["hub"].delete_event(status)
    request.app["world"].delete_status(status)
    return answer({})


async def counts(request):
    """Sets counts, or adds with "add": true. Like Mastodon, tells no stream unless "stream" asks for it."""
    wish = await wishes(request)
    status = _status(request, wish)
    for name in COUNTS:
        if name in wish:
            before = status.fields[name] if wish.get("add") else 0
            status.fields[name] = before + int(wish[name])
    if wish.get("stream", False):
        await request.app["hub"].status_event("status.update", status)
    return answer(render_status(request.app["world"], status))


async def account(request):
    wish = await wishes(request)
    found = _account(request, wish.pop("acct"))
    found.update(wish)
    return answer(found)


async def follow(request):
    wish = await wishes(request)
    pair = (_account(request, wish["who"])["id"], _account(request, wish["whom"])["id"])
    request.app["world"].follows.add(pair)
    return answer({})


async def token(request):
    """Makes a token, or with "revoke" ends one."""
    wish = await wishes(request)
    grants = request.app["grants"]
    if "revoke" in wish:
        found = grants.look_up(wish["revoke"])
        if found:
            found["revoked"] = True
        return answer({"revoked": bool(found)})
    owner = _account(request, wish["acct"])["id"] if wish.get("acct") else None
    made = grants.mint(owner, wish.get("scope", "read write follow push"), token=wish.get("token"))
    return answer({"token": made, "account_id": owner})


async def fail(request):
    faults = request.app["faults"]
    if request.method == "POST":
        faults.order(await wishes(request))
    elif request.method == "DELETE":
        faults.orders.clear()
    return answer(faults.orders)


async def streams(request):
    hub = request.app["hub"]
    if request.method == "POST":
        wish = await wishes(request)
        action = wish.get("action")
        if action not in ("close", "abort", "mute", "unmute", "half"):
            raise ApiError(400, "action must be close, abort, mute, unmute or half")
        return answer({"touched": hub.misbehave(action, int(wish.get("code", 1001)))})
    return answer(hub.describe())


async def send(request):
    """Sends to every open stream: {"raw": TEXT}, {"bytes": TEXT}, or {"event":…, "payload":…, "stream":[…]}."""
    wish = await wishes(request)
    hub = request.app["hub"]
    if "raw" in wish:
        return answer({"touched": hub.broadcast(("raw", wish["raw"]))})
    if "bytes" in wish:
        return answer({"touched": hub.broadcast(("bytes", wish["bytes"].encode("latin-1")))})
    name = (wish.get("stream", ["public"]) + [None])[:2]
    return answer({"touched": hub.broadcast(("event", tuple(name), wish["event"], wish["payload"]))})


async def settings(request):
    wish = await wishes(request)
    kept, hub, grants = request.app["settings"], request.app["hub"], request.app["grants"]
    if "profile" in wish:
        if wish["profile"] not in PROFILES:
            raise ApiError(400, f"profile must be one of {', '.join(PROFILES)}")
        kept.profile = PROFILES[wish["profile"]]
    kept.batch = bool(wish.get("batch", kept.batch))
    kept.heartbeat = float(wish.get("heartbeat", kept.heartbeat))
    kept.stream_anonymous = bool(wish.get("stream_anonymous", kept.stream_anonymous))
    grants.login_as = wish.get("login_as", grants.login_as)
    grants.deny = bool(wish.get("deny_login", grants.deny))
    request.app["world"].media_looks = int(wish.get("media_looks", request.app["world"].media_looks))
    hub.refuse_websocket = wish.get("refuse_websocket", hub.refuse_websocket)
    hub.refuse_all = wish.get("refuse_streaming", hub.refuse_all)
    return answer({"profile": kept.profile.name, "batch": kept.batch, "heartbeat": kept.heartbeat,
                   "stream_anonymous": kept.stream_anonymous, "login_as": grants.login_as,
                   "deny_login": grants.deny, "refuse_websocket": hub.refuse_websocket,
                   "refuse_streaming": hub.refuse_all})


async def count(request):
    """How long the texts are to the server."""
    return answer({"lengths": [text_rules.length(text) for text in (await wishes(request))["texts"]]})


async def limits(request):
    found, wish = request.app["limits"], await wishes(request)
    if request.method == "DELETE":
        found.reset()
    found.retry_after = bool(wish.pop("retry_after", found.retry_after))
    if set(wish) - set(found.settings):
        raise ApiError(400, f"limits are {', '.join(found.settings)}")
    if request.method == "POST":
        found.configure(wish)
    return answer({name: {"limit": n, "period": period} for name, (n, period) in found.settings.items()})


async def traffic(request):
    found = request.app["traffic"]
    if request.method == "POST":
        wish = await wishes(request)
        if not 0 < float(wish.get("rate", 10)) <= 100000:
            raise ApiError(400, "rate must be above 0 events a second")
        found.start(float(wish.get("rate", 10)), wish.get("seconds"), wish.get("seed", request.app["settings"].seed),
                    wish.get("mix"), int(wish.get("authors", 20)))
    elif request.method == "DELETE":
        found.stop()
    return answer({"made": found.made, "running": bool(found.task and not found.task.done())})


async def filters(request):
    """{"acct":…, "phrase":…, "action":"hide"} adds a filter of the account."""
    wish = await wishes(request)
    owner = _account(request, wish["acct"])["id"]
    found = request.app["world"].filters.setdefault(owner, [])
    found.append({"phrase": wish["phrase"], "action": wish.get("action", "hide")})
    return answer(found)


async def vote(request):
    """{"id":…, "choice": 0, "times": 3}: votes in the post's poll."""
    wish = await wishes(request)
    poll = _status(request, wish).fields["poll"]
    if poll is None:
        raise ApiError(404, NOT_FOUND)
    times = int(wish.get("times", 1))
    poll["options"][int(wish.get("choice", 0))]["votes_count"] += times
    poll["votes_count"] += times
    poll["voters_count"] += times
    return answer(poll)


async def rewrite(request):
    """{"pattern": "(?i)foo", "to": "bar"}: what the server does to every text it is given from now on."""
    wish = await wishes(request)
    rules = request.app["world"].rewrites
    if request.method == "DELETE":
        rules.clear()
    else:
        rules.append((wish["pattern"], wish.get("to", "")))
    return answer(rules)


async def requests(request):
    found, params = request.app["log"], await read_params(request)
    if request.method == "DELETE":
        found.entries.clear()
        return answer([])
    since, path = params.number("since", 0), params.get("path", "")
    return answer([e for e in found.entries if e["n"] > since and re.search(path, e["path"])])


async def clock(request):
    wish = await wishes(request)
    request.app["world"].advance(float(wish.get("advance", 0)))
    return answer({"now": request.app["world"].now().isoformat()})


async def effects(request):
    """How often each thing was really done; what was answered from an Idempotency-Key is not counted again."""
    return answer(request.app["world"].effects)


async def accept(request):
    """Whether the main port listens. Ask by the control port: the main one cannot be reached afterwards."""
    wish = await wishes(request)
    await request.app["door"].set_open(bool(wish.get("accept", True)), bool(wish.get("drop", False)))
    return answer({"accept": request.app["door"].is_open})


async def state(request):
    world = request.app["world"]
    return answer({"base_url": world.base_url, "now": world.now().isoformat(), "accounts": len(world.accounts),
                   "statuses": sum(1 for s in world.statuses.values() if not s.deleted),
                   "streams": len(request.app["hub"].subscribers), "requests": request.app["log"].number,
                   "accept": request.app["door"].is_open})


def add_routes(router):
    for name, methods, handler in (
            ("publish", "POST", publish), ("edit", "POST", edit), ("delete", "POST", delete),
            ("counts", "POST", counts), ("account", "POST", account), ("follow", "POST", follow),
            ("token", "POST", token), ("fail", "GET POST DELETE", fail), ("streams", "GET POST", streams),
            ("send", "POST", send), ("settings", "GET POST", settings), ("limits", "GET POST DELETE", limits),
            ("traffic", "GET POST DELETE", traffic), ("requests", "GET DELETE", requests),
            ("filters", "POST", filters), ("vote", "POST", vote), ("rewrite", "POST DELETE", rewrite),
            ("clock", "GET POST", clock), ("accept", "GET POST", accept), ("effects", "GET", effects),
            ("state", "GET", state), ("count", "POST", count)):
        for method in methods.split():
            router.add_route(method, f"/_control/{name}", handler)
