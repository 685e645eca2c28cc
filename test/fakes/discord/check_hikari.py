"""Drives the fake with hikari, a client that knows nothing of it: check_hikari.py BASE_URL"""
import asyncio
import json
import logging
import sys
import urllib.request

sys.path.pop(0)  # Our own files beside this one must not be found in place of the client's.

import hikari  # noqa: E402

BASE = sys.argv[1]
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.fake.token"
INTENTS = hikari.Intents.ALL_UNPRIVILEGED | hikari.Intents.MESSAGE_CONTENT | hikari.Intents.GUILD_MEMBERS


class Complaints(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.heard = []

    def emit(self, record):
        self.heard.append(record.getMessage() + (f": {record.exc_info[1]!r}" if record.exc_info else ""))


def ask(name, wish=None):
    data = None if wish is None else json.dumps(wish).encode()
    with urllib.request.urlopen(f"{BASE}/_control/{name}", data) as answer:
        return json.load(answer)


async def control(name, wish=None):
    return await asyncio.to_thread(ask, name, wish)


async def main():
    complaints = Complaints()
    logging.getLogger("hikari").addHandler(complaints)
    bot = hikari.GatewayBot(TOKEN, rest_url=BASE + "/api/v10", intents=INTENTS, banner=None, logs=None)
    seen = []

    @bot.listen()
    async def on_message(event: hikari.MessageCreateEvent):
        seen.append(("message", event.content, isinstance(event, hikari.GuildMessageCreateEvent)))

    @bot.listen()
    async def on_edit(event: hikari.GuildMessageUpdateEvent):
        seen.append(("edit", event.content))

    @bot.listen()
    async def on_delete(event: hikari.GuildMessageDeleteEvent):
        seen.append(("delete", str(event.message_id)))

    @bot.listen()
    async def on_reaction(event: hikari.GuildReactionAddEvent):
        seen.append(("reaction", str(event.emoji_name)))

    @bot.listen()
    async def on_thread(event: hikari.GuildThreadCreateEvent):
        seen.append(("thread", event.thread.name))

    @bot.listen()
    async def on_resumed(_: hikari.ShardResumedEvent):
        seen.append(("resumed",))

    @bot.listen()
    async def on_command(event: hikari.InteractionCreateEvent):
        await event.interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "pong")

    async def until(*what, times=1):
        for _ in range(300):
            if seen.count(what) >= times:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what} did not come; {seen[-5:]} did")

    async def check(name, body):
        try:
            await body()
        except Exception as problem:  # A check that fails must not hide the ones after it.
            print(f"FAIL hikari {name}: {type(problem).__name__}: {problem}", flush=True)
        else:
            print(f"ok hikari {name}", flush=True)

    async def signs_in():
        await asyncio.wait_for(bot.start(check_for_updates=False), 20)
        assert bot.get_me().username == "linnetbot"
        for _ in range(100):
            if bot.cache.get_guilds_view():
                break
            await asyncio.sleep(0.05)
        guild = bot.cache.get_guild(223456789012345678)
        assert guild.name == "Garden" and len(guild.get_channels()) == 3, guild

    async def sees():
        said = await control("say", {"content": "one 🌊"})
        await until("message", "one 🌊", True)
        await control("edit", {"id": said["id"], "content": "one, edited"})
        await until("edit", "one, edited")
        await control("react", {"id": said["id"]})
        await until("reaction", "👍")
        await control("thread", {"name": "aside"})
        await until("thread", "aside")
        await control("delete", {"ids": [said["id"]]})
        await until("delete", said["id"])
        await control("say", {"content": "just us", "dm": True})
        await until("message", "just us", False)

    async def resumes():
        await control("misbehave", {"action": "reconnect"})
        await control("say", {"content": "missed"})
        await until("message", "missed", True)
        await until("resumed")

    async def writes():
        channel = 323456789012345678
        await control("limits", {"force": {"count": 1, "retry_after": 0.4}})
        message = await bot.rest.create_message(channel, "x", attachment=hikari.Bytes(b"hi", "a.txt"))
        await bot.rest.edit_message(channel, message, "y")
        await bot.rest.add_reaction(channel, message, "👍")
        answer = await bot.rest.create_message(channel, "z", reply=message)
        assert answer.message_reference.id == message.id
        history = [one.content for one in await bot.rest.fetch_messages(channel).limit(2)]
        assert history == ["z", "y"], history
        shown = await bot.rest.fetch_message(channel, message)
        assert shown.reactions[0].count == 1, shown.reactions
        await bot.rest.delete_message(channel, message)
        direct = await bot.rest.create_dm_channel(423456789012345678)
        await direct.send("hello there")

    async def commands():
        command = bot.rest.slash_command_builder("ping", "answers")
        await bot.rest.set_application_commands(123456789012345678, [command])
        asked = await control("command", {"name": "ping"})
        for _ in range(100):
            answer = (await control("interactions"))["interactions"][asked["id"]]["answer"]
            if answer:
                assert answer["data"]["content"] == "pong", answer
                return
            await asyncio.sleep(0.05)
        raise AssertionError("no answer came")

    async def is_content():
        other = [words for words in complaints.heard if "rate limit" not in words.lower() and "optimization" not in words]
        assert not other, other

    for name, body in [("signs in and knows its servers", signs_in),
                       ("sees messages, edits, reactions, threads, deletions", sees), ("resumes", resumes),
                       ("writes, waits for limits, edits, reacts, deletes", writes),
                       ("has commands, and answers one", commands), ("complains of nothing", is_content)]:
        await check(name, body)
    await bot.close()


asyncio.run(main())
