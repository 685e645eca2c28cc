"""Linnet and the fake Discord. Called by discord.sh."""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kit" / "python"))
from fake_discord import GENERAL, TOKEN, FakeDiscord  # noqa: E402
from linnet_events import logged  # noqa: E402

linnet, folder = sys.argv[1:]
passed = failed = 0
SHARED = os.environ.get("LINNET_SHARED", str(pathlib.Path(__file__).resolve().parents[3] / "shared"))
RECORDED = pathlib.Path(SHARED) / "data" / "discord" / "gateway_recorded.json"


def expect(what, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print("ok" if holds else "FAIL", what, flush=True)


def eventually(what, holds, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return expect(what, True)
        time.sleep(0.1)
    expect(what, False)


def run(*words):
    return subprocess.run([linnet, "--quiet", "--json", "--data", folder, *words], capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, LINNET_TOKEN=TOKEN))


def told(*words):
    """The JSON that the command prints; the end of the test where it fails."""
    done = run(*words)
    if done.returncode != 0:
        raise SystemExit(f"linnet {' '.join(words)}: {done.stderr}\n{passed} passed, {failed + 1} failed")
    return json.loads(done.stdout) if done.stdout.strip() else None


class Daemon:
    def __enter__(self):
        self.process = subprocess.Popen([linnet, "--quiet", "--data", folder, "serve", "--port", "0"], stdout=subprocess.PIPE,
                                        text=True)
        self.base = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def ask(self, path):
        with urllib.request.urlopen(self.base + path, timeout=20) as answer:
            return json.load(answer)

    def connector(self):
        return next(iter(self.ask("/api/v1/connectors")["items"]), {"state": "none"})


def texts(daemon):
    return collections.Counter(p["content"] for kind, p in logged(daemon.base) if kind == "MESSAGE_CREATE")


def reads(fake, daemon):
    eventually("the gateway is followed", lambda: daemon.connector()["state"] == "live")
    first = fake.say("hello")
    fake.say("SECRET WORDS", dm=True)
    fake.control("edit", {"id": first, "content": "hello, edited"})
    fake.control("react", {"id": first})
    fake.control("thread", {"name": "aside"})
    fake.control("delete", {"ids": [first]})
    eventually("a deletion comes", lambda: any(kind == "MESSAGE_DELETE" for kind, _ in logged(daemon.base)))
    kinds = collections.Counter(kind for kind, _ in logged(daemon.base))
    for kind in ("GUILD_CREATE", "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_REACTION_ADD", "THREAD_CREATE"):
        expect(f"{kind} comes once", kinds[kind] == 1)
    failed_events = daemon.ask("/api/v1/events?failed=true")["items"]
    expect("every event is understood", not failed_events)


def lives_through(fake, daemon):
    """Bad input: cut, reordered, repeated, unknown; a heartbeat that is never answered; an invalid session."""
    wrongs = [("a cut frame", {"action": "cut"}), ("an unknown opcode", {"action": "send", "text": '{"op":77,"d":null}'}),
              ("no JSON", {"action": "send", "text": "{{{"}), ("broken compression", {"action": "bytes", "hex": "00ff00ff"}),
              ("a call to reconnect", {"action": "reconnect"}), ("an invalid session that may be resumed", {"action": "invalid", "d": True}),
              ("an invalid session", {"action": "invalid", "d": False}), ("a forgotten session", {"action": "expire"}),
              ("a reset", {"action": "abort"})]
    for number, (name, wish) in enumerate(wrongs):
        fake.control("settings", {"repeat": number % 2, "reorder": number % 3 == 0, "pieces": 1 + number % 4})
        for step in range(6):
            fake.say(f"{name} {step}")
            if step == 2:
                fake.control("misbehave", wish)
        fake.control("settings", {"repeat": 0, "reorder": False, "pieces": 1})
        fake.say(f"{name} 6")
        eventually(f"nothing is missing after {name}",
                   lambda: all(texts(daemon)[f"{name} {step}"] >= 1 for step in range(7)), 60)
    fake.control("settings", {"no_acks": True})
    before = daemon.connector()["reconnects"]
    eventually("a heartbeat that is not answered ends the connection", lambda: daemon.connector()["reconnects"] > before)
    fake.control("settings", {"no_acks": False})
    fake.say("heard again")
    eventually("and it goes on", lambda: texts(daemon)["heard again"] == 1)
    expect("nothing came twice", max(texts(daemon).values()) == 1)


def acts(fake):
    done = told("action", "do", "publish", "--account", "linnetbot", "--channel", GENERAL, "--text", "good morning", "--approve")
    expect("a post is taken", done is not None)
    eventually("and written", lambda: any(m["content"] == "good morning" for m in fake.control("messages")["messages"]))
    refused = run("action", "do", "publish", "--account", "linnetbot", "--text", "nowhere")
    expect("a post without a channel is refused in words", refused.returncode != 0 and "channel" in refused.stderr)
    asked = fake.say("who are you?")
    told("action", "do", "reply", "--account", "linnetbot", "--post", f"{GENERAL}/{asked}", "--text", "a bird", "--approve")
    eventually("an answer names what it answers",
               lambda: any(m["reply_to"] == asked for m in fake.control("messages")["messages"]))
    told("action", "do", "like", "--account", "linnetbot", "--post", f"https://discord.com/channels/1/{GENERAL}/{asked}", "--approve")
    eventually("a reaction is given", lambda: next(m for m in fake.control("messages")["messages"] if m["id"] == asked)["reactions"])


def heeds(fake):
    eventually("the commands are known", lambda: len(fake.control("commands")["commands"]) == 2)

    def command(user, name, *options):
        wish = {"user": user, "name": name, "dm": True, "options": [{"type": 1, "name": o} for o in options]}
        ident = fake.control("command", wish)["id"]
        for _ in range(100):
            answer = fake.control("interactions")["interactions"][ident]["answer"]
            if answer:
                return answer["data"]
            time.sleep(0.1)
        return {"content": "", "flags": 0}

    given = command("ann", "consent", "give")
    expect("consent is given by a command", "may read" in given["content"] and given["flags"] == 64)
    consents = told("consent", "list")
    expect("and written down with how", any(c["consent_type"] == "dm_read" and "interaction" in c["evidence"] for c in consents))
    ended = command("ann", "consent", "revoke")
    expect("and taken back by one", "no longer" in ended["content"])
    expect("and is", all(c["revoked_at"] for c in told("consent", "list")))
    left = command("ben", "leave-me-alone")
    expect("people are left alone who ask for it", "leaves you alone" in left["content"])
    message = fake.say("an answer, please", author="ben")
    refused = run("action", "do", "reply", "--account", "linnetbot", "--post", f"{GENERAL}/{message}", "--text", "no", "--approve")
    time.sleep(2)
    expect("nothing is answered to them", not any(m["content"] == "no" for m in fake.control("messages")["messages"]))
    expect("and it is said why", "opt" in (refused.stdout + refused.stderr).lower())


def recordings(fake, daemon):
    if not RECORDED.exists():
        print("skipped: no recording at", RECORDED)
        return
    played = fake.control("play", {"file": str(RECORDED), "times": 2})["played"]
    expect("the recording has something to play", played > 10)
    eventually("recorded dispatches come", lambda: texts(daemon)["<@1457469483726668048> Hey"] == 1)
    expect("each message once, though it was played twice", max(texts(daemon).values()) == 1)
    expect("and all is understood", not daemon.ask("/api/v1/events?failed=true")["items"])


with FakeDiscord("--heartbeat-ms", "1000") as fake:
    told("account", "add", "discord", fake.base, "--token", "--act")
    with Daemon() as daemon:
        reads(fake, daemon)
        lives_through(fake, daemon)
        recordings(fake, daemon)
        acts(fake)
        heeds(fake)
        secret = [p for _, p in logged(daemon.base) if "SECRET WORDS" in json.dumps(p)]
        expect("no direct message is in the log", not secret)
    found = subprocess.run(["grep", "-rla", "SECRET WORDS", folder], capture_output=True, text=True).stdout
    expect(f"nor in any file {found}", not found)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
