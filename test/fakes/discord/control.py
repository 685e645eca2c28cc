"""What tests tell the fake, under /_control/."""
import asyncio
import json
import random

import rest
import world as worlds
from world import Refusal, iso, time_of


def channel_of(app, wish):
    return app["world"].find_channel(wish.get("channel", "general"))


async def say(app, wish):
    """{"author": "ann", "channel": "general", "content": …, "reply_to"?, "quiet"?}; "to": a DM by the author"""
    world = app["world"]
    author = world.user_named(wish.get("author", "ann"))
    channel = world.dm_with(author) if wish.get("dm") else channel_of(app, wish)
    if channel.get("guild_id"):
        world.join(channel["guild_id"], author)
    more = dict(wish.get("more", {}))
    if wish.get("reply_to"):
        more["message_reference"] = {"type": 0, "message_id": wish["reply_to"]}
    message = world.write(channel, author, wish.get("content", "hello"), **more)
    if not wish.get("quiet"):
        await app["gateway"].dispatch("MESSAGE_CREATE", world.as_dispatched(message))
    return {"id": message["id"], "channel_id": channel["id"]}


async def edit(app, wish):
    world = app["world"]
    message = world.messages[wish["id"]]
    message.update(content=wish["content"], edited_timestamp=iso(time_of(world.snowflake())))
    await app["gateway"].dispatch("MESSAGE_UPDATE", world.as_dispatched(message))
    return {}


async def delete(app, wish):
    world = app["world"]
    messages = [world.messages.pop(ident) for ident in wish["ids"]]
    channel = world.channels[messages[0]["channel_id"]]
    if len(messages) == 1:
        await app["gateway"].dispatch("MESSAGE_DELETE", rest.deletion(channel, messages[0]["id"]))
    else:
        await app["gateway"].dispatch("MESSAGE_DELETE_BULK", {
            "ids": [m["id"] for m in messages], "channel_id": channel["id"], "guild_id": channel["guild_id"]})
    return {}


async def react(app, wish):
    world = app["world"]
    message = world.messages[wish["id"]]
    changed = await rest.change_reaction(app, world.channels[message["channel_id"]], message,
                                         rest.emoji_of(wish.get("emoji", "👍")),
                                         world.user_named(wish.get("user", "ben")), not wish.get("remove"))
    return {"changed": changed}


async def thread(app, wish):
    world = app["world"]
    owner = world.user_named(wish.get("author", "ann"))
    made = world.thread(channel_of(app, wish), wish["name"], owner, private=bool(wish.get("private")))
    await app["gateway"].dispatch("THREAD_CREATE", {**made, "newly_created": True})
    return {"id": made["id"]}


async def channel(app, wish):
    made = app["world"].channel(wish.get("guild", worlds.GUILD), wish["name"])
    await app["gateway"].dispatch("CHANNEL_CREATE", made)
    return {"id": made["id"]}


async def guild(app, wish):
    made = app["world"].add_guild(wish["name"])
    general = app["world"].channel(made.id, wish.get("channel", wish["name"] + "-general"))
    await app["gateway"].dispatch("GUILD_CREATE", app["world"].whole(made))
    return {"id": made.id, "channel": general["id"]}


async def command(app, wish):
    """Somebody types a slash command: {"user", "name", "options"?, "dm"?}; "answer" tells what the bot said"""
    world = app["world"]
    user = world.user_named(wish.get("user", "ann"))
    if wish["name"] not in world.commands:
        raise Refusal(404, 10063, "Unknown application command")
    ident, token = world.snowflake(), "%040x" % random.getrandbits(160)
    place = world.dm_with(user) if wish.get("dm") else channel_of(app, wish)
    app["interactions"][ident] = {"token": token, "answer": None, "channel": place["id"]}
    data = {"id": ident, "application_id": worlds.APP, "type": 2, "token": token, "version": 1, "locale": "en-US",
            "data": {"id": world.commands[wish["name"]]["id"], "type": 1, "name": wish["name"],
                     "options": wish.get("options", [])}, "entitlements": [], "attachment_size_limit": 1,
            "authorizing_integration_owners": {}, "channel_id": place["id"],
            "channel": {**place, "permissions": worlds.USUAL}}
    if wish.get("dm"):
        data.update(user=user, context=1)
    else:
        data.update(guild_id=place["guild_id"], context=0, guild={"id": place["guild_id"], "locale": "en-US", "features": []},
                    app_permissions=worlds.USUAL, member=world.guilds[place["guild_id"]].member(user))
    await app["gateway"].dispatch("INTERACTION_CREATE", data)
    return {"id": ident}


async def dispatch(app, wish):
    await app["gateway"].dispatch(wish["event"], wish["data"])
    return {}


async def play(app, wish):
    """The recorded dispatches of a file, in the order of their time; `times` again and again."""
    played = worlds.read_recording(wish["file"])
    new_guilds = set(app["world"].guilds)
    for kind, data in played:
        app["world"].take_in(kind, data)
    for ident in set(app["world"].guilds) - new_guilds:
        await app["gateway"].dispatch("GUILD_CREATE", app["world"].whole(app["world"].guilds[ident]))
    for _ in range(int(wish.get("times", 1))):
        for kind, data in played if not wish.get("quiet") else []:
            await app["gateway"].dispatch(kind, data)
    return {"played": len(played)}


async def traffic(app, wish):
    """{"rate": 40, "seconds": 60}: people write in the first server."""
    stop_traffic(app)

    async def make():
        source = random.Random(wish.get("seed", 1))
        for n in range(int(wish["rate"] * wish["seconds"])):
            place = source.choice(["general", "random"])
            await say(app, {"author": source.choice(["ann", "ben", "cleo"]), "channel": place, "content": f"word {n}"})
            await asyncio.sleep(1 / wish["rate"])
    app["traffic"]["task"] = asyncio.ensure_future(make())
    return {}


def stop_traffic(app):
    if app["traffic"]["task"]:
        app["traffic"]["task"].cancel()
        app["traffic"]["task"] = None


async def fail(app, wish):
    app["faults"].append({"count": 1, **wish})
    return {}


async def misbehave(app, wish):
    return await app["gateway"].misbehave(wish)


async def settings(app, wish):
    app["settings"].update(wish)
    return {k: v for k, v in app["settings"].items() if k != "token"}


async def set_limits(app, wish):
    app["limits"].configure(wish)
    return {}


def messages(app):
    shown = []
    for message in app["world"].messages.values():
        channel = app["world"].channels[message["channel_id"]]
        shown.append({"id": message["id"], "channel_id": channel["id"], "channel": channel.get("name"),
                      "guild_id": channel.get("guild_id"), "author": message["author"]["id"],
                      "content": message["content"], "edited": message["edited_timestamp"],
                      "reply_to": message.get("message_reference", {}).get("message_id"),
                      "attachments": [{"name": a["filename"], "description": a.get("description")}
                                      for a in message["attachments"]],
                      "reactions": {json.loads(emoji)["name"]: len(users) for (ident, emoji), users
                                    in app["world"].reactions.items() if ident == message["id"] and users}})
    return {"messages": shown}


READS = {
    "messages": messages,
    "gateway": lambda app: {"log": app["gateway"].log, "live": len(app["gateway"].live()),
                            "sessions": len(app["gateway"].sessions)},
    "requests": lambda app: {"requests": app["requests"]},
    "commands": lambda app: {"commands": list(app["world"].commands.values())},
    "interactions": lambda app: {"interactions": app["interactions"]},
    "channels": lambda app: {"channels": list(app["world"].channels.values())},
}
WISHES = {"say": say, "edit": edit, "delete": delete, "react": react, "thread": thread, "channel": channel,
          "guild": guild, "command": command, "dispatch": dispatch, "play": play, "traffic": traffic, "fail": fail,
          "misbehave": misbehave, "settings": settings, "limits": set_limits}


async def serve(request):
    name, app = request.match_info["name"], request.app
    try:
        if request.method == "DELETE" and name == "traffic":
            stop_traffic(app)
            return web_json({})
        if request.method == "DELETE" and name == "fail":
            app["faults"].clear()
            return web_json({})
        if request.method == "GET" and name in READS:
            return web_json(READS[name](app))
        if request.method == "POST" and name in WISHES:
            text = await request.text()
            return web_json(await WISHES[name](app, json.loads(text or "{}")))
    except Refusal as problem:
        return web_json(problem.body, problem.status)
    except (KeyError, ValueError, TypeError) as problem:
        return web_json({"error": f"{type(problem).__name__}: {problem}"}, 400)
    return web_json({"error": "no such control"}, 404)


def web_json(body, status=200):
    return rest.answer(body, status)


def add_routes(router):
    router.add_route("*", "/_control/{name}", serve)
