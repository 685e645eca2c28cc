"""A daemon that follows Discord is killed again and again: in the end its log has every message once.

  kill_discord.py LINNET KILLS linnet-options…

Between the kills the fake Discord cuts connections, forgets sessions, and repeats, reorders and splits what it sends. Prints what
was found; the exit status is 0 if no message is missing, doubled or different.
"""
import collections
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kit" / "python"))
from fake_discord import TOKEN, FakeDiscord  # noqa: E402
from linnet_events import logged  # noqa: E402

linnet, kills = sys.argv[1], int(sys.argv[2])
options = sys.argv[3:]
chance = random.Random(1)
with socket.socket() as free:  # a port that nobody has
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
base = f"http://127.0.0.1:{port}"
WRONG = [{"action": "close", "code": 4000}, {"action": "reconnect"}, {"action": "abort"}, {"action": "cut"},
         {"action": "expire"}, {"action": "invalid", "d": False}, {"action": "send", "text": '{"op":99}'}]


def ask(path):
    with urllib.request.urlopen(base + path, timeout=20) as answer:
        return json.load(answer)


def start():
    daemon = subprocess.Popen([linnet, "--quiet", *options, "serve", "--port", str(port)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    for _ in range(1000):
        try:
            ask("/readyz")
            return daemon
        except OSError:
            time.sleep(0.01)
    sys.exit("the daemon does not answer")


def is_live():
    return any(one["state"] == "live" for one in ask("/api/v1/connectors")["items"])


with FakeDiscord("--heartbeat-ms", "1000") as fake:
    daemon = start()
    subprocess.run([linnet, "--quiet", *options, "account", "add", "discord", fake.base, "--token"], check=True,
                   env=dict(os.environ, LINNET_TOKEN=TOKEN), stdout=subprocess.DEVNULL)
    for _ in range(200):
        if is_live():
            break
        time.sleep(0.1)
    else:
        sys.exit("the daemon did not take up the account that was added")
    fake.say("DIRECT AND SECRET", dm=True)
    fake.control("traffic", {"rate": 40, "seconds": 600 + kills * 10, "seed": 3})
    for number in range(kills):
        time.sleep(chance.uniform(0.3, 1.2))
        fake.control("settings", {"repeat": chance.randrange(2), "reorder": chance.random() < 0.3, "pieces": chance.randrange(1, 4)})
        if chance.random() < 0.5:
            fake.control("misbehave", chance.choice(WRONG))
            time.sleep(chance.uniform(0, 0.4))
        daemon.kill()
        daemon.wait()
        daemon = start()
    fake.control("settings", {"repeat": 0, "reorder": False, "pieces": 1})
    time.sleep(1)
    fake.control("traffic", method="DELETE")
    expected = {m["id"]: m["content"] for m in fake.control("messages")["messages"] if m["guild_id"]}
    seen, came, at, missing, secrets = collections.Counter(), {}, 0, expected, 0
    for _ in range(120):
        fresh = logged(base, at)
        at += len(fresh)
        for kind, payload in fresh:
            secrets += "DIRECT AND SECRET" in json.dumps(payload)
            if kind == "MESSAGE_CREATE":
                seen[payload["id"]] += 1
                came[payload["id"]] = payload["content"]
        missing = [id for id in expected if id not in seen]
        if not missing:
            break
        time.sleep(0.5)
    daemon.terminate()
    daemon.wait()
doubled = [id for id, times in seen.items() if times > 1]
different = [id for id in expected if id in came and came[id] != expected[id]]
print(f"{len(expected)} messages, {len(missing)} missing, {len(doubled)} twice, {len(different)} different, {secrets} that were "
      f"direct, after {kills} kills")
sys.exit(0 if expected and not missing and not doubled and not different and not secrets else 1)
