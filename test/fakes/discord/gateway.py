"""The gateway, version 10: hello, identify, heartbeat, resume, and what tests make it do wrong."""
import asyncio
import json
import random
import time
import zlib

import aiohttp
from aiohttp import web

GUILDS, MEMBERS, MESSAGES, REACTIONS = 1 << 0, 1 << 1, 1 << 9, 1 << 10
DMS, DM_REACTIONS, CONTENT = 1 << 12, 1 << 13, 1 << 15
PRIVILEGED = {"members": MEMBERS, "content": CONTENT}
KEPT_FOR_RESUME = 5000


def intent_of(name, is_direct):
    if name.startswith("MESSAGE_REACTION"):
        return DM_REACTIONS if is_direct else REACTIONS
    if name.startswith("MESSAGE"):
        return DMS if is_direct else MESSAGES
    if name.startswith("GUILD_MEMBER"):
        return MEMBERS
    return GUILDS if name.startswith(("GUILD", "CHANNEL", "THREAD")) else 0


class Session:
    def __init__(self, ident, intents, shard):
        self.id, self.intents, self.shard = ident, intents, shard
        self.seq, self.history, self.link = 0, [], None

    def takes(self, name, data):
        needed = intent_of(name, "guild_id" not in data and not name.startswith("GUILD"))
        if needed and not self.intents & needed:
            return False
        guild = data.get("guild_id") or (data.get("id") if name.startswith("GUILD_") else None)
        shard, shards = self.shard
        return shard == 0 if guild is None else (int(guild) >> 22) % shards == shard

    def note(self, name, data):
        self.seq += 1
        frame = {"op": 0, "s": self.seq, "t": name, "d": data}
        self.history = [*self.history, frame][-KEPT_FOR_RESUME:]
        return frame


class Link:
    """One connection."""

    def __init__(self, socket, compress):
        self.socket, self.session = socket, None
        self.deflate = zlib.compressobj() if compress else None
        self.heard_at, self.code = time.monotonic(), None

    async def close(self, code, why=b""):
        # aiohttp wakes the loop that reads, which would say 1000 first.
        self.code = code
        await self.socket.close(code=code, message=why)

    def packed(self, text):
        if self.deflate is None:
            return text
        return self.deflate.compress(text.encode()) + self.deflate.flush(zlib.Z_SYNC_FLUSH)

    async def text(self, text, pieces=1):
        data = self.packed(text)
        if self.socket.closed:
            return
        try:
            if isinstance(data, str):
                await self.socket.send_str(data)
                return
            size = max(1, len(data) // pieces)
            for start in range(0, len(data), size):
                await self.socket.send_bytes(data[start:start + size])
        except (ConnectionError, RuntimeError):
            pass

    async def send(self, op, d=None, pieces=1):
        await self.text(json.dumps({"op": op, "d": d, "s": None, "t": None}), pieces)


class Gateway:
    def __init__(self, world, settings):
        self.world, self.settings = world, settings
        self.sessions, self.links, self.log = {}, set(), []

    @property
    def url(self):
        return self.settings["gateway_url"]

    async def dispatch(self, name, data, only=None):
        """To every session that asked for such events, connected or not."""
        for session in list(self.sessions.values()):
            if only is not None and session is not only or not session.takes(name, data):
                continue
            shown = data
            if name.startswith("MESSAGE_") and "content" in data and not self.may_see(session, data):
                shown = {**data, "content": "", "attachments": [], "embeds": [], "components": []}
            await self.deliver(session, session.note(name, shown))

    def may_see(self, session, message):
        bot = self.world.bot["id"]
        is_own = message.get("author", {}).get("id") == bot or "guild_id" not in message
        return session.intents & CONTENT or is_own or any(u["id"] == bot for u in message.get("mentions", []))

    async def deliver(self, session, frame):
        link = session.link
        if link is None or link.socket.closed:
            return
        held = self.settings.get("held")
        if self.settings.get("reorder") and held is None:
            self.settings["held"] = frame  # comes after the next one
            return
        self.settings["held"] = None
        for one in [frame] + ([held] if held else []):
            for _ in range(1 + int(self.settings.get("repeat", 0))):
                await link.text(json.dumps(one), int(self.settings.get("pieces", 1)))

    async def serve(self, request):
        if self.settings.get("refuse_gateway"):
            return web.Response(status=int(self.settings["refuse_gateway"]))
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)
        await socket.prepare(request)
        link = Link(socket, request.query.get("compress") == "zlib-stream")
        self.links.add(link)
        self.log.append({"connected": dict(request.query)})
        await link.send(10, {"heartbeat_interval": int(self.settings["heartbeat_ms"]), "_trace": ["fake"]})
        watch = asyncio.ensure_future(self.miss_heartbeats(link))
        try:
            async for message in socket:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    await self.take(link, message.data)
            if link.code:
                await socket.close(code=link.code)
        finally:
            watch.cancel()
            self.links.discard(link)
            if link.session and link.session.link is link:
                link.session.link = None
            self.log.append({"closed": link.code or socket.close_code})
        return socket

    async def miss_heartbeats(self, link):
        allowed = float(self.settings["heartbeat_ms"]) / 1000 * 2 + 1
        while True:
            await asyncio.sleep(0.2)
            if time.monotonic() - link.heard_at > allowed:
                await link.close(4009, b"Session timed out.")

    async def take(self, link, text):
        if len(text) > 4096:
            return await self.end(link, 4002, "Payload too large.")
        try:
            frame = json.loads(text)
            op, d = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            return await self.end(link, 4002, "Error while decoding payload.")
        self.log.append({"op": op, "d": {"token": "…"} | {k: v for k, v in d.items() if k != "token"}
                         if isinstance(d, dict) else d})
        if op == 1:
            link.heard_at = time.monotonic()
            if not self.settings.get("no_acks"):
                await link.send(11)
        elif op == 2:
            await self.identify(link, d)
        elif op == 6:
            await self.resume(link, d)
        elif op not in (3, 4, 8, 31, 43):
            await self.end(link, 4001, "Unknown opcode.")
        elif link.session is None:
            await self.end(link, 4003, "Not authenticated.")

    async def end(self, link, code, why):
        self.log.append({"refused": code, "why": why})
        await link.close(code, why.encode())

    async def identify(self, link, d):
        if link.session is not None:
            return await self.end(link, 4005, "Already authenticated.")
        if d.get("token", "").removeprefix("Bot ") != self.settings["token"]:
            return await self.end(link, 4004, "Authentication failed.")
        if not isinstance(d.get("properties"), dict) or not isinstance(d.get("intents"), int):
            return await self.end(link, 4002, "identify needs properties and intents")
        for name in self.settings.get("disallowed", []):
            if d["intents"] & PRIVILEGED[name]:
                return await self.end(link, 4014, "Disallowed intent(s).")
        shard = d.get("shard", [0, 1])
        if not 0 <= shard[0] < shard[1]:
            return await self.end(link, 4010, "Invalid shard.")
        if self.settings.get("refuse_identify"):
            self.settings["refuse_identify"] = int(self.settings["refuse_identify"]) - 1
            return await link.send(9, False)
        session = Session("%032x" % random.getrandbits(128), d["intents"], shard)
        session.link, link.session = link, session
        self.sessions[session.id] = session
        mine = [g for g in self.world.guilds.values() if (int(g.id) >> 22) % shard[1] == shard[0]]
        ready = {"v": 10, "user": self.world.bot, "guilds": [{"id": g.id, "unavailable": True} for g in mine],
                 "session_id": session.id, "resume_gateway_url": self.url, "session_type": "normal", "shard": shard,
                 "application": {"id": self.world.bot["id"], "flags": 0}, "private_channels": [], "relationships": [],
                 "user_settings": {}, "presences": [], "geo_ordered_rtc_regions": [], "auth": {}}
        await self.deliver(session, session.note("READY", ready))
        for guild in mine if session.intents & GUILDS else []:
            whole = self.world.whole(guild)
            if not session.intents & MEMBERS:
                whole["members"] = [m for m in whole["members"] if m["user"]["id"] == self.world.bot["id"]]
            await self.dispatch("GUILD_CREATE", whole, only=session)

    async def resume(self, link, d):
        if d.get("token", "").removeprefix("Bot ") != self.settings["token"]:
            return await self.end(link, 4004, "Authentication failed.")
        session = self.sessions.get(d.get("session_id"))
        if session is None:
            return await link.send(9, False)
        if d["seq"] > session.seq:
            return await self.end(link, 4007, "Invalid seq.")
        missed = [frame for frame in session.history if frame["s"] > d["seq"]]
        if missed and missed[0]["s"] != d["seq"] + 1:
            return await link.send(9, False)
        if session.link is not None:
            await session.link.close(4000)
        session.link, link.session = link, session
        for frame in missed:
            await link.text(json.dumps(frame))
        self.log.append({"resumed": session.id, "missed": len(missed)})
        await self.deliver(session, session.note("RESUMED", {"_trace": ["fake"]}))

    def live(self):
        return [link for link in self.links if not link.socket.closed]

    async def misbehave(self, wish):
        """{"action": close|reconnect|invalid|abort|send|cut|expire, …} to every connection."""
        action = wish["action"]
        if action == "expire":
            ended, self.sessions = self.sessions, {}
            return {"ended": len(ended)}
        links = self.live()
        for link in links:
            if action == "close":
                await link.close(int(wish.get("code", 4000)))
            elif action == "reconnect":
                await link.send(7)
            elif action == "invalid":
                await link.send(9, bool(wish.get("d", False)))
            elif action == "abort" and link.socket._req.transport:
                link.socket._req.transport.abort()
            elif action == "send":
                await link.text(wish["text"], int(wish.get("pieces", 1)))
            elif action == "bytes":
                await link.socket.send_bytes(bytes.fromhex(wish["hex"]))
            elif action == "cut":  # part of a message, and the end of the connection
                data = link.packed(wish.get("text", '{"op":0,"s":1,"t":"MESSAGE_CREATE","d":{"id":"1"'))
                await (link.socket.send_bytes(data[:-3]) if isinstance(data, bytes) else link.socket.send_str(data))
                link.socket._req.transport.abort()
        return {"live": len(links)}
