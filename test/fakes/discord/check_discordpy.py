"""Drives the fake with discord.py, a client that knows nothing of it: check_discordpy.py BASE_URL"""
import asyncio
import io
import json
import logging
import sys
import time
import urllib.request

sys.path.pop(0)  # Our own files beside this one must not be found in place of the client's.

import discord  # noqa: E402
import yarl  # noqa: E402
from discord import app_commands, gateway, http  # noqa: E402

BASE = sys.argv[1]
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.fake.token"
http.Route.BASE = BASE + "/api/v10"
gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(BASE.replace("http", "ws") + "/gateway")


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


class Client(discord.Client):
    def __init__(self):
        intents = discord.Intents.default()
        intents.message_content = intents.members = True
        super().__init__(intents=intents, max_ratelimit_timeout=30.0)
        self.seen, self.resumed, self.is_there = [], 0, asyncio.Event()
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(name="ping", description="answers")
        async def ping(interaction):
            await interaction.response.send_message("pong", ephemeral=True)

    async def on_ready(self):
        self.is_there.set()

    async def on_resumed(self):
        self.resumed += 1

    async def on_message(self, message):
        self.seen.append(("message", message.content, message.guild is not None))

    async def on_message_edit(self, _before, after):
        self.seen.append(("edit", after.content))

    async def on_raw_message_delete(self, gone):
        self.seen.append(("delete", str(gone.message_id)))

    async def on_raw_bulk_message_delete(self, gone):
        self.seen.append(("bulk", len(gone.message_ids)))

    async def on_raw_reaction_add(self, reaction):
        self.seen.append(("reaction", reaction.emoji.name))

    async def on_thread_create(self, thread):
        self.seen.append(("thread", thread.name))

    async def until(self, *what):
        for _ in range(300):
            if what in self.seen:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what} did not come; {self.seen[-5:]} did")


async def run(client, complaints):
    async def check(name, body):
        try:
            await body()
        except Exception as problem:  # A check that fails must not hide the ones after it.
            print(f"FAIL discord.py {name}: {type(problem).__name__}: {problem}", flush=True)
        else:
            print(f"ok discord.py {name}", flush=True)

    async def signs_in():
        await asyncio.wait_for(client.is_there.wait(), 20)
        guild = client.guilds[0]
        assert guild.name == "Garden" and len(guild.text_channels) == 3, guild.text_channels
        staff = discord.utils.get(guild.channels, name="staff")
        assert not staff.permissions_for(guild.default_role).view_channel
        assert guild.get_member(423456789012345678).name == "ann"

    async def sees():
        said = await control("say", {"content": "one 🌊"})
        await client.until("message", "one 🌊", True)
        await control("edit", {"id": said["id"], "content": "one, edited"})
        await client.until("edit", "one, edited")
        await control("react", {"id": said["id"]})
        await client.until("reaction", "👍")
        await control("thread", {"name": "aside"})
        await client.until("thread", "aside")
        await control("delete", {"ids": [said["id"]]})
        await client.until("delete", said["id"])
        two = [(await control("say", {"content": text}))["id"] for text in "ab"]
        await control("delete", {"ids": two})
        await client.until("bulk", 2)
        await control("say", {"content": "just us", "dm": True})
        await client.until("message", "just us", False)

    async def resumes():
        await control("misbehave", {"action": "close", "code": 4000})
        await control("say", {"content": "missed"})
        await client.until("message", "missed", True)
        await control("misbehave", {"action": "reconnect"})
        await control("say", {"content": "missed again"})
        await client.until("message", "missed again", True)
        for _ in range(100):
            if client.resumed == 2:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"it resumed {client.resumed} times")

    async def pieces():
        await control("settings", {"pieces": 7})
        await control("say", {"content": "in pieces"})
        await client.until("message", "in pieces", True)
        await control("settings", {"pieces": 1})

    async def begins_anew():
        client.is_there.clear()
        await control("misbehave", {"action": "expire"})
        await control("misbehave", {"action": "close", "code": 4000})
        await asyncio.wait_for(client.is_there.wait(), 30)
        await control("say", {"content": "after"})
        await client.until("message", "after", True)

    async def writes():
        general = discord.utils.get(client.guilds[0].channels, name="general")
        await control("limits", {"force": {"count": 1, "retry_after": 0.4}})
        began = time.monotonic()
        message = await general.send("x", file=discord.File(io.BytesIO(b"hi"), "a.txt", description="words"))
        assert time.monotonic() - began > 0.35
        await message.edit(content="y")
        await message.add_reaction("👍")
        reply = await message.reply("z")
        assert reply.reference.message_id == message.id
        history = [one.content async for one in general.history(limit=2)]
        assert history == ["z", "y"], history
        await message.delete()
        for number in range(7):
            await general.send(f"quick {number}")
        direct = await client.get_user(423456789012345678).create_dm()
        await direct.send("hello there")

    async def commands():
        await client.tree.sync()
        asked = await control("command", {"name": "ping"})
        for _ in range(100):
            answer = (await control("interactions"))["interactions"][asked["id"]]["answer"]
            if answer:
                assert answer["data"]["content"] == "pong", answer
                return
            await asyncio.sleep(0.05)
        raise AssertionError("no answer came")

    async def is_content():
        # It says of itself that it was limited and that it goes on: that was asked for.
        other = [words for words in complaints.heard if "rate limit" not in words.lower() and "voice" not in words]
        assert not other, other

    for name, body in [("signs in and knows its servers", signs_in),
                       ("sees messages, edits, reactions, threads, deletions", sees), ("resumes", resumes),
                       ("puts pieces together", pieces), ("begins anew when its session is gone", begins_anew),
                       ("writes, waits for limits, edits, reacts, deletes", writes),
                       ("has commands, and answers one", commands), ("complains of nothing", is_content)]:
        await check(name, body)
    await client.close()


async def main():
    complaints = Complaints()
    logging.getLogger("discord").addHandler(complaints)
    client = Client()
    await asyncio.gather(client.start(TOKEN), run(client, complaints))


asyncio.run(main())
