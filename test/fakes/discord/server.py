#!/usr/bin/env python3
"""A fake Discord for tests. See README.md; `server.py --help` lists the options."""
import argparse
import asyncio
import json
import os
import pathlib
import re
import signal
import sys
import time

from aiohttp import web

import control
import gateway
import limits
import rest
import world


def parse_arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--print-port", action="store_true", help="print the port once it listens")
    parser.add_argument("--port-file", help="write {\"port\":…} there once it listens")
    parser.add_argument("--heartbeat-ms", type=int, default=3000, help="what hello asks for")
    parser.add_argument("--limits", type=json.loads, default={}, help="as _control/limits takes them")
    parser.add_argument("--shards", type=int, default=1, help="what /gateway/bot advises")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input is closed")
    return parser.parse_args(argv)


@web.middleware
async def log(request, handler):
    if request.path.startswith("/_control"):
        return await handler(request)
    started = time.time()
    entry = {"n": len(request.app["requests"]) + 1, "time": started, "method": request.method, "path": request.path,
             "query": dict(request.query), "authorization": (request.headers.get("Authorization") or "")[:4],
             "agent": request.headers.get("User-Agent", ""), "status": None}
    request.app["requests"].append(entry)
    response = await handler(request)
    entry["status"] = response.status
    return response


def next_fault(app, request):
    for order in app["faults"]:
        subject = request.method + " " + request.raw_path
        if order["count"] != 0 and re.search(order.get("path", ""), subject):
            order["count"] -= 1
            return order
    return None


@web.middleware
async def break_answers(request, handler):
    order = None if request.path.startswith("/_control") else next_fault(request.app, request)
    if order is None:
        return await handler(request)
    kind, transport = order["kind"], request.transport
    await asyncio.sleep(float(order.get("delay", 0)))
    if kind == "status":
        body = order.get("body", {"message": f"{order['status']}: made so", "code": 0})
        return rest.answer(body, int(order["status"]), order.get("headers"))
    if kind == "html":
        return web.Response(text="<html>no JSON</html>", content_type="text/html", status=order.get("status", 200))
    if kind == "garbage":
        return web.Response(text='[{"id":"1","chan', content_type="application/json")
    if kind == "late_error":  # carried out, and answered with an error
        await handler(request)
        return rest.answer({"message": "late", "code": 0}, int(order.get("status", 504)))
    if kind == "lost":  # carried out, and never answered
        await handler(request)
        transport.abort()
    elif kind == "close":
        transport.abort()
    elif kind == "hang":
        while not transport.is_closing():
            await asyncio.sleep(0.1)
    elif kind == "slow":
        return await handler(request)
    return web.Response(status=500)


async def serve(request):
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return await request.app["gateway"].serve(request)
    return await rest.serve(request)


def build(options):
    app = web.Application(middlewares=[log, break_answers], client_max_size=64 << 20)
    app["world"] = world.World()
    app["settings"] = {"heartbeat_ms": options.heartbeat_ms, "token": world.TOKEN, "shards": options.shards,
                       "gateway_url": ""}
    app["limits"] = limits.Limits()
    app["limits"].configure(options.limits)
    app["gateway"] = gateway.Gateway(app["world"], app["settings"])
    app["requests"], app["faults"], app["interactions"] = [], [], {}
    app["traffic"] = {"task": None, "made": {}}
    control.add_routes(app.router)
    app.router.add_route("*", "/{path:.*}", serve)
    return app


async def run(options):
    app = build(options)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, options.host, options.port, shutdown_timeout=0.5).start()
    port = runner.addresses[0][1]
    app["settings"]["gateway_url"] = f"ws://{options.host}:{port}/gateway"
    if options.port_file:
        part = pathlib.Path(options.port_file + ".part")
        part.write_text(json.dumps({"port": port}))
        part.rename(options.port_file)
    if options.print_port:
        print(port, flush=True)
    await until_told(options)
    control.stop_traffic(app)
    for link in app["gateway"].live():
        link.socket._req.transport.abort()
    await runner.cleanup()


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
