"""REST, version 10: the routes that bots use to read and write."""
import json
import re
import urllib.parse

from aiohttp import web

from world import BOT, DM, THREADS, Refusal, iso, time_of

ROUTES = []


def route(method, pattern):
    def keep(handler):
        ROUTES.append((method, re.compile(f"^{pattern}$"), handler))
        return handler
    return keep


def answer(body, status=200, headers=None):
    """discord.py wants the content type without a charset."""
    headers = {"Via": "1.1 google", **(headers or {})}  # without it a 429 is taken for a proxy's
    if body is None:
        return web.Response(status=204, headers=headers)
    return web.Response(body=json.dumps(body).encode(), status=status,
                        headers={**headers, "Content-Type": "application/json"})


async def body_of(request):
    """(payload, files)"""
    if request.content_type.startswith("multipart"):
        form = await request.post()
        files = [(name, value) for name, value in form.items() if name.startswith("files[")]
        return json.loads(form.get("payload_json", "{}")), files
    return (await request.json() if request.can_read_body else {}), []


@route("GET", "/gateway")
async def gateway(app, request):
    return {"url": app["gateway"].url}


@route("GET", "/gateway/bot")
async def gateway_bot(app, request):
    return {"url": app["gateway"].url, "shards": app["settings"].get("shards", 1), "session_start_limit": {
        "total": 1000, "remaining": app["settings"].get("starts_left", 999), "reset_after": 2000, "max_concurrency": 1}}


@route("GET", "/users/@me")
async def me(app, request):
    return app["world"].bot


@route("GET", "/users/(\\d+)")
async def user(app, request, ident):
    if ident not in app["world"].users:
        raise Refusal(404, 10013, "Unknown User")
    return app["world"].users[ident]


@route("GET", "/(?:oauth2/applications|applications)/@me")
async def application(app, request):
    return {"id": BOT, "name": "linnetbot", "icon": None, "description": "", "bot_public": True, "flags": 0,
            "bot_require_code_grant": False, "verify_key": "00", "team": None, "summary": "", "hook": True,
            "owner": app["world"].users["123456789012345670"], "bot": app["world"].bot}


@route("GET", "/users/@me/guilds")
async def guilds(app, request):
    return [{"id": g.id, "name": g.name, "icon": None, "owner": False, "permissions": "0", "features": []}
            for g in app["world"].guilds.values()]


@route("GET", "/guilds/(\\d+)")
async def guild(app, request, ident):
    if ident not in app["world"].guilds:
        raise Refusal(404, 10004, "Unknown Guild")
    return app["world"].whole(app["world"].guilds[ident])


@route("GET", "/guilds/(\\d+)/channels")
async def channels(app, request, ident):
    return [c for c in app["world"].channels.values() if c.get("guild_id") == ident and c["type"] not in THREADS]


@route("GET", "/guilds/(\\d+)/threads/active")
async def active_threads(app, request, ident):
    threads = [c for c in app["world"].channels.values() if c.get("guild_id") == ident and c["type"] in THREADS
               and not c["thread_metadata"]["archived"]]
    return {"threads": threads, "members": []}


@route("POST", "/users/@me/channels")
async def open_dm(app, request):
    wish, _ = await body_of(request)
    recipient = app["world"].users.get(str(wish.get("recipient_id")))
    if recipient is None:
        raise Refusal(400, 50033, "Invalid Recipient(s)")
    return app["world"].dm_with(recipient)


def channel_seen(app, ident):
    channel = app["world"].channels.get(ident)
    if channel is None:
        raise Refusal(404, 10003, "Unknown Channel")
    if ident in app["settings"].get("hidden_channels", []):
        raise Refusal(403, 50001, "Missing Access")
    return channel


@route("GET", "/channels/(\\d+)")
async def channel(app, request, ident):
    return channel_seen(app, ident)


@route("GET", "/channels/(\\d+)/messages")
async def history(app, request, ident):
    """Newest first, whichever bound is given; `after` gives the oldest behind it."""
    channel_seen(app, ident)
    world, query = app["world"], request.query
    limit = int(query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise Refusal(400, 50035, "Invalid Form Body")
    there = world.messages_in(ident)
    if "before" in query:
        there = [m for m in there if int(m["id"]) < int(query["before"])]
    if "after" in query:
        there = [m for m in there if int(m["id"]) > int(query["after"])][:limit]
    if "around" in query:
        there = sorted(there, key=lambda m: abs(int(m["id"]) - int(query["around"])))[:limit]
        there.sort(key=lambda m: int(m["id"]))
    return [world.as_read(m) for m in reversed(there[-limit:])]


@route("GET", "/channels/(\\d+)/messages/(\\d+)")
async def one_message(app, request, ident, message):
    channel_seen(app, ident)
    return app["world"].as_read(app["world"].find_message(ident, message))


@route("POST", "/channels/(\\d+)/messages")
async def write(app, request, ident):
    world = app["world"]
    channel_there = channel_seen(app, ident)
    wish, files = await body_of(request)
    content = wish.get("content") or ""
    if len(content) > 2000:
        raise Refusal(400, 50035, "Invalid Form Body", errors={"content": {"_errors": [{
            "code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}]}})
    if not content and not files and not wish.get("embeds"):
        raise Refusal(400, 50006, "Cannot send an empty message")
    if channel_there["type"] == DM and channel_there["recipients"][0]["id"] in app["settings"].get("shut_dms", []):
        raise Refusal(403, 50007, "Cannot send messages to this user")
    nonce = wish.get("nonce")
    if nonce is not None and len(str(nonce)) > 25:
        raise Refusal(400, 50035, "Invalid Form Body")
    if nonce and wish.get("enforce_nonce") and nonce in world.nonces:
        return world.nonces[nonce]
    more = {}
    if wish.get("message_reference"):
        more["message_reference"] = dict(wish["message_reference"])
    described = {str(a.get("id")): a for a in wish.get("attachments", [])}
    attachments = []
    for index, (_, file) in enumerate(files):
        data = file.file.read()
        attachments.append({"id": world.snowflake(), "filename": file.filename, "size": len(data),
                            "url": f"https://cdn.example/{file.filename}", "proxy_url": f"https://cdn.example/{file.filename}",
                            "content_type": file.content_type, "description": described.get(str(index), {}).get("description")})
    message = world.write(channel_there, world.bot, content, attachments=attachments, **more)
    if nonce:
        message["nonce"] = nonce
        world.nonces[nonce] = message
    await app["gateway"].dispatch("MESSAGE_CREATE", world.as_dispatched(message))
    return message


@route("PATCH", "/channels/(\\d+)/messages/(\\d+)")
async def edit(app, request, ident, message_id):
    world = app["world"]
    channel_seen(app, ident)
    message = world.find_message(ident, message_id)
    if message["author"]["id"] != BOT:
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
    wish, _ = await body_of(request)
    if "content" in wish:
        message["content"] = wish["content"]
    message["edited_timestamp"] = iso(time_of(world.snowflake()))
    await app["gateway"].dispatch("MESSAGE_UPDATE", world.as_dispatched(message))
    return world.as_read(message)


@route("DELETE", "/channels/(\\d+)/messages/(\\d+)")
async def delete(app, request, ident, message_id):
    world = app["world"]
    channel_there = channel_seen(app, ident)
    world.find_message(ident, message_id)
    del world.messages[message_id]
    await app["gateway"].dispatch("MESSAGE_DELETE", deletion(channel_there, message_id))


def deletion(channel_there, message_id):
    told = {"id": message_id, "channel_id": channel_there["id"]}
    if channel_there.get("guild_id"):
        told["guild_id"] = channel_there["guild_id"]
    return told


def emoji_of(text):
    name, _, ident = urllib.parse.unquote(text).partition(":")
    return {"id": ident or None, "name": name}


async def change_reaction(app, channel_there, message, emoji, who, adds):
    """Tells whether it changed anything."""
    users = app["world"].reactions.setdefault((message["id"], json.dumps(emoji, sort_keys=True)), [])
    if adds == (who["id"] in users):
        return False
    users.append(who["id"]) if adds else users.remove(who["id"])
    data = {"user_id": who["id"], "type": 0, "message_id": message["id"], "channel_id": channel_there["id"],
            "emoji": emoji, "burst": False}
    if adds:
        data["message_author_id"] = message["author"]["id"]
    guild_id = channel_there.get("guild_id")
    if guild_id:
        data["guild_id"] = guild_id
        if adds:
            data["member"] = app["world"].guilds[guild_id].member(who)
    await app["gateway"].dispatch("MESSAGE_REACTION_ADD" if adds else "MESSAGE_REACTION_REMOVE", data)
    return True


@route("(PUT|DELETE)", "/channels/(\\d+)/messages/(\\d+)/reactions/([^/]+)/@me")
async def react(app, request, ident, message_id, emoji):
    channel_there = channel_seen(app, ident)
    message = app["world"].find_message(ident, message_id)
    if not urllib.parse.unquote(emoji).strip():
        raise Refusal(400, 10014, "Unknown Emoji")
    await change_reaction(app, channel_there, message, emoji_of(emoji), app["world"].bot, request.method == "PUT")


@route("GET", "/channels/(\\d+)/messages/(\\d+)/reactions/([^/]+)")
async def reactors(app, request, ident, message_id, emoji):
    key = (message_id, json.dumps(emoji_of(emoji), sort_keys=True))
    users = [app["world"].users[i] for i in app["world"].reactions.get(key, [])]
    after = int(request.query.get("after", 0))
    users = sorted((u for u in users if int(u["id"]) > after), key=lambda u: int(u["id"]))
    return users[: int(request.query.get("limit", 25))]


@route("(GET|PUT|POST)", "/applications/(\\d+)/commands")
async def commands(app, request, ident):
    world = app["world"]
    if request.method == "GET":
        return list(world.commands.values())
    wish, _ = await body_of(request)
    if request.method == "PUT":
        world.commands = {}
    made = []
    for one in wish if isinstance(wish, list) else [wish]:
        if not re.fullmatch(r"[-_\w]{1,32}", one.get("name", "")) or not one.get("description"):
            raise Refusal(400, 50035, "Invalid Form Body")
        known = world.commands.get(one["name"], {"id": world.snowflake()})
        made.append({"type": 1, "version": world.snowflake(), "default_member_permissions": None, "nsfw": False,
                     **one, "id": known["id"], "application_id": ident})
        world.commands[one["name"]] = made[-1]
    return made if isinstance(wish, list) else made[0]


@route("POST", "/interactions/(\\d+)/([^/]+)/callback")
async def interact(app, request, ident, token):
    wish, _ = await body_of(request)
    kept = app["interactions"].get(ident)
    if kept is None or kept["token"] != token:
        raise Refusal(404, 10062, "Unknown interaction")
    if kept["answer"] is not None:
        raise Refusal(400, 40060, "Interaction has already been acknowledged.")
    kept["answer"] = wish
    if request.query.get("with_response") not in ("true", "1"):
        return None
    world, channel_there = app["world"], app["world"].channels[kept["channel"]]
    message = world.write(channel_there, world.bot, wish.get("data", {}).get("content", ""))
    del world.messages[message["id"]]  # for one person's eyes
    return {"interaction": {"id": ident, "type": 2, "response_message_id": message["id"],
                            "response_message_loading": False, "response_message_ephemeral": True},
            "resource": {"type": wish["type"], "message": message}}


def find(method, path):
    for methods, pattern, handler in ROUTES:
        match = pattern.match(path)
        if match and re.fullmatch(methods, method):
            return handler, match.groups()
    return None, ()


def is_signed_in(app, request, path):
    if path == "/gateway" or path.startswith("/interactions"):
        return True
    return request.headers.get("Authorization") == f"Bot {app['settings']['token']}"


async def serve(request):
    app, path = request.app, re.sub(r"^(/api)?(/v\d+)?", "", request.raw_path.partition("?")[0])
    handler, parts = find(request.method, path)
    if not is_signed_in(app, request, path):
        return answer({"message": "401: Unauthorized", "code": 0}, 401)
    if handler is None:
        return answer({"message": "404: Not Found", "code": 0}, 404)
    headers, refusal = app["limits"].count(request.method, path)
    if refusal:
        return answer(refusal, 429, headers)
    try:
        return answer(await handler(app, request, *parts), headers=headers)
    except Refusal as problem:
        return answer(problem.body, problem.status, headers)
