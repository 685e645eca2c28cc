#!/usr/bin/env python3
"""A fake Mastodon server for tests. See README.md; `server.py --help` lists the options."""
import argparse
import asyncio
import json
import os
import pathlib
import signal
import socket
import sys
from dataclasses import dataclass

from aiohttp import web

import accounts
import control
import conversations
import faults
import limits
import oauth
import recordings
import search
import statuses
import streaming
import timelines
import traffic
from profiles import PROFILES, Profile
from world import World, parse_iso

GENERATED_WITHOUT_RECORDINGS = 60


@dataclass
class Settings:
    profile: Profile
    batch: bool = True
    heartbeat: float = 15.0
    stream_anonymous: bool = False
    streaming_url: str = ""
    seed: int = 0


class Door:
    """The listening socket of the main port, which tests may shut and open again."""

    def __init__(self, host, port):
        self.address = (host, port)
        self.server = None
        self.runner = None
        self.bind()

    def bind(self):
        self.socket = socket.create_server(self.address, backlog=512)
        self.address = self.socket.getsockname()[:2]

    @property
    def is_open(self):
        return self.server is not None

    async def set_open(self, wanted, drop=False):
        """`drop` also resets the connections that are open (on closing)."""
        if wanted and not self.is_open:
            if self.socket is None:
                self.bind()
            self.server = await asyncio.get_running_loop().create_server(self.runner.server, sock=self.socket)
        elif not wanted and self.is_open:
            self.server.close()
            self.server = self.socket = None
            for connection in list(self.runner.server.connections) if drop else []:
                if connection.transport:
                    connection.transport.abort()


def parse_arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--control-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--base-url", help="how clients reach it, if not by http://HOST:PORT")
    parser.add_argument("--print-port", action="store_true", help="print «PORT CONTROL_PORT» once it listens")
    parser.add_argument("--port-file", help="write {\"port\":…,\"control_port\":…} there once it listens")
    parser.add_argument("--recordings", default=recordings.default_path(), help="exchanges.jsonl; «none» for none")
    parser.add_argument("--generate", type=int, help="made-up posts (60 without recordings, else 0)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start-time", type=parse_iso, help="a clock that stands still from there, by ISO 8601")
    parser.add_argument("--profile", choices=PROFILES, default="mastodon")
    parser.add_argument("--no-batch", action="store_true", help="GET /api/v1/statuses?id[]= is 404, as of old")
    parser.add_argument("--rate-limit", type=int, help="requests in a window, 300 as recorded")
    parser.add_argument("--rate-period", type=float, default=300, help="seconds of that window")
    parser.add_argument("--limits", type=json.loads, default={}, help='as _control/limits takes them')
    parser.add_argument("--heartbeat", type=float, default=15, help="seconds between :thump")
    parser.add_argument("--stream-anonymous", action="store_true", help="public streams need no token, as of old")
    parser.add_argument("--streaming-url", default="", help="what the instance says; this server unless told")
    parser.add_argument("--login-as", help="who /oauth/authorize logs in")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input is closed")
    return parser.parse_args(argv)


def build_state(options, door):
    """Everything the routes share, by name."""
    profile = PROFILES[options.profile]
    base_url = options.base_url or f"http://{door.address[0]}:{door.address[1]}"
    world = World(base_url.rstrip("/"), options.seed, options.start_time, profile.id_style)
    exchanges = recordings.read(options.recordings)
    recordings.fill(world, exchanges)
    for name in ("alice", "bob"):
        world.add_account(name)
    generate = options.generate
    if generate is None:
        generate = 0 if exchanges else GENERATED_WITHOUT_RECORDINGS
    recordings.generate(world, generate)
    settings = Settings(profile, not options.no_batch and options.profile not in ("mastodon3", "gotosocial"),
                        options.heartbeat, options.stream_anonymous, options.streaming_url, options.seed)
    main = max((a for a in world.accounts.values() if "@" not in a["acct"]),
               key=lambda a: sum(1 for s in world.statuses.values() if s.account_id == a["id"]))
    hub = streaming.Hub(world, settings)
    rate = limits.Limits()
    if options.rate_limit is not None:
        rate.configure({"api": {"limit": options.rate_limit, "period": options.rate_period}})
    rate.configure(options.limits)
    return {"world": world, "settings": settings, "hub": hub, "limits": rate, "faults": faults.Faults(),
            "log": faults.RequestLog(), "playback": recordings.Playback(exchanges, world.host),
            "grants": oauth.Grants(world, options.login_as or main["acct"]),
            "traffic": traffic.Traffic(world, hub), "door": door}


async def front_page(_request):
    return web.Response(text="<!DOCTYPE html><title>Mastodon</title>", content_type="text/html")


def build_app(state, rooms, middlewares):
    app = web.Application(middlewares=middlewares, client_max_size=64 << 20)
    for name, value in state.items():
        app[name] = value
    for room in rooms:
        room.add_routes(app.router)
    return app


async def run(options):
    door = Door(options.host, options.port)
    state = build_state(options, door)
    rooms = [oauth, timelines, accounts, statuses, conversations, streaming, search, control]
    app = build_app(state, rooms, faults.MIDDLEWARES)
    app.router.add_get("/", front_page)
    main = web.AppRunner(app, access_log=None, handle_signals=False)
    side = web.AppRunner(build_app(state, [control], [faults.word_errors]), access_log=None)
    await main.setup()
    await side.setup()
    door.runner = main
    await door.set_open(True)
    control_site = web.TCPSite(side, options.host, options.control_port)
    await control_site.start()
    control_port = side.addresses[0][1]
    announce(options, door.address[1], control_port)
    await until_told(options)
    state["traffic"].stop()
    state["hub"].misbehave("abort")
    await door.set_open(False, drop=True)
    await side.cleanup()


def announce(options, port, control_port):
    if options.port_file:
        part = pathlib.Path(options.port_file + ".part")
        part.write_text(json.dumps({"port": port, "control_port": control_port}))
        part.rename(options.port_file)
    if options.print_port:
        print(port, control_port, flush=True)


async def until_told(options):
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if options.exit_with_stdin:
        def on_input():
            if not os.read(sys.stdin.fileno(), 4096):
                loop.remove_reader(sys.stdin.fileno())
                stop.set()
        loop.add_reader(sys.stdin.fileno(), on_input)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(run(parse_arguments(sys.argv[1:])))
