"""Platforms and what they take, against the fake Mastodon. Called by platforms.sh."""
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

linnet, folder = sys.argv[1:]
passed = failed = 0


def expect(what, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL", what)


def run(*words, given="", token=None):
    env = dict(os.environ, **({"LINNET_TOKEN": token} if token else {}))
    return subprocess.run([linnet, "--quiet", "--json", "--data", folder, *words], input=given, capture_output=True,
                          text=True, env=env, timeout=60)


def told(*words, **more):
    """The JSON that the command prints; the end of the test where it fails."""
    done = run(*words, **more)
    if done.returncode != 0:
        raise SystemExit(f"linnet {' '.join(words)}: {done.stderr}\n{passed} passed, {failed + 1} failed")
    return json.loads(done.stdout) if done.stdout.strip() else None


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = f"http://127.0.0.1:{port}"
HOST = f"127.0.0.1:{port}"


class Fake:
    def __init__(self, seed):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "test/fakes/mastodon/server.py", "--recordings", "none", "--seed", str(seed), "--port", str(port),
             "--print-port", "--exit-with-stdin", "--login-as", "alice"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


class Daemon:
    def __enter__(self):
        self.process = subprocess.Popen([linnet, "--quiet", "--data", folder, "serve", "--port", "0"],
                                        stdout=subprocess.PIPE, text=True)
        self.base = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method="GET" if body is None else "POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


def until(what, holds):
    for _ in range(150):
        if holds():
            return expect(what, True)
        time.sleep(0.1)
    expect(what, False)


def dry_run(text, *words):
    return told("action", "do", "publish", "--account", alice, "--text", text, "--dry-run", *words)


def denial(answer):
    return next((f"{v['rule']}: {v['reason']}" for v in answer["verdicts"] if v["decision"] == "deny"), "")


def sign_in_by_code():
    """As a person would: opens the address, and pastes the code."""
    command = subprocess.Popen([linnet, "--quiet", "--json", "--data", folder, "account", "add", "mastodon", server, "--act",
                                "--paste-code"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    address = ""
    while "oauth/authorize" not in address:
        address = command.stderr.readline()
        if not address:
            raise SystemExit(f"account add: {command.communicate()}\n{passed} passed, {failed + 1} failed")
    with urllib.request.urlopen(address.strip(), timeout=20) as page:
        code = re.search(r'class="oauth-code"[^>]*value="([^"]+)"', page.read().decode()).group(1)
    out, error = command.communicate(code + "\n", timeout=60)
    expect(f"signing in by code works: {error[-300:]}", command.returncode == 0)
    client = urllib.parse.parse_qs(urllib.parse.urlparse(address.strip()).query)["client_id"][0]
    return client, json.loads(out)["id"]


def credentials():
    return {(one["type"], one["key"]): one for one in told("platform", "credential", "list", "mastodon")}


platforms = told("platform", "list")
expect("both platforms are there from the first", [p["name"] for p in platforms] == ["mastodon", "bluesky"]
       and all(p["status"] == "active" and p["display_name"] and p["description"] for p in platforms))
bluesky = {(c["type"], c["name"]): c for c in told("platform", "show", "bluesky")["capabilities"]}
expect("with what they take", bluesky[("limits", "max_character_limit")]["value"] == "300"
       and bluesky[("content", "text_unit")]["value"] == "graphemes")

with Fake(seed=1):
    alice = told("account", "add", "mastodon", server, "--token", token="test-token-alice")["id"]
    shown = {(c["type"], c["name"], c["server"]): c for c in told("platform", "show", "mastodon")["capabilities"]}
    expect("account add reads what the server takes", shown[("limits", "max_character_limit", "127.0.0.1")]["value"] == "500")
    expect("a toot that is too long is refused in the dry run",
           denial(dry_run("x" * 501)) == "channel_limits: text: 501 characters as people count them, the server takes 500")
    expect("one that fits is not", denial(dry_run("x" * 500)) == "")
    for i in range(5):
        with open(f"{folder}/{i}.png", "wb") as file:
            file.write(b"\x89PNG" + bytes(20))
    five = [word for i in range(5) for word in ("--media", f"{folder}/{i}.png")]
    expect("nor are five images taken", "media: 5 given, the server takes 4" in denial(dry_run("Look", *five)))
    with open(f"{folder}/big.gif", "wb") as file:
        file.write(b"GIF89a" + bytes(100_000_000))
    expect("nor a GIF of 100 MB", "big.gif has 100000006 bytes" in denial(dry_run("Look", "--media", f"{folder}/big.gif")))

    asked = told("action", "do", "publish", "--account", alice, "--text", "Short")
    edited = run("approve", asked["approval_id"], "--text", "x" * 501)
    expect(f"an edited text is judged too: {edited.stderr}", edited.returncode == 1 and "the server takes 500" in edited.stderr)

    # What a person sets lower.
    expect("a lower limit is set", run("platform", "set", "mastodon", "limits", "max_character_limit", "280").returncode == 0
           and "the server takes 280" in denial(dry_run("x" * 281)))
    higher = run("platform", "set", "mastodon", "limits", "max_character_limit", "501")
    expect(f"never a higher one: {higher.stderr}", higher.returncode == 1 and "mastodon says 500" in higher.stderr)
    expect("and taken back", run("platform", "unset", "mastodon", "limits", "max_character_limit").returncode == 0
           and denial(dry_run("x" * 500)) == "")
    for words, says in ((("set", "mastodon", "limits", "nonsense", "1"), "name: expected one of"),
                        (("set", "myspace", "limits", "max_media", "1"), "platform: expected one of mastodon, bluesky, discord"),
                        (("set", "mastodon", "limits", "max_media", "many"), "a whole number"),
                        (("unset", "mastodon", "limits", "max_media"), "nothing was set"),
                        (("show", "myspace"), "platform: expected one of"),
                        (("disable", "myspace"), "platform: expected one of"),
                        (("credential", "set", "mastodon", "password", "a.example"), "type: expected api_key"),
                        (("credential", "set", "mastodon", "api_key", "a.example"), "value: expected one"),
                        (("credential", "remove", "mastodon", "api_key", "a.example"), "there is no api_key"),
                        (("credential", "set", "mastodon", "api_key", "a.example", "--expires", "soon"), "--expires")):
        done = run("platform", *words)
        expect(f"platform {' '.join(words)} is one clear error: {done.returncode} {done.stderr}",
               done.returncode == 1 and says in done.stderr and done.stderr.count("\n") == 1)

    # Registrations.
    first, signed_in = sign_in_by_code()
    expect("it is the same account", signed_in == alice)
    key = f"{HOST} act urn:ietf:wg:oauth:2.0:oob"
    expect("the registration is kept", set(credentials()) == {("api_key", key), ("app_secret", key)})
    again, _ = sign_in_by_code()
    expect("and used again", again == first and ("access_token", key) in credentials())
    expect("the key of the secrets is changed", told("key", "rotate")["sealed_anew"] >= 4)
    again, _ = sign_in_by_code()
    expect("and the registration goes on", again == first)
    shown = run("platform", "credential", "list", "mastodon").stdout + run("platform", "show", "mastodon").stdout
    expect("no value is shown", first not in shown)

with Fake(seed=2):
    anew, _ = sign_in_by_code()
    expect("a server that forgot it is registered with anew", anew != first)
    kept = credentials()
    expect("what is void is no longer used", kept[("api_key", key)]["is_active"] and not kept[("access_token", key)]["is_active"])
    expect("a secret is read from standard input",
           run("platform", "credential", "set", "mastodon", "app_secret", "b.example", "--expires", "2099-01-01T00:00:00Z",
               given="hush hush\n").returncode == 0)
    expect("and not shown", credentials()[("app_secret", "b.example")]["expires_at"].startswith("2099-01-01T00:00:00"))
    expect("it is removed", run("platform", "credential", "remove", "mastodon", "app_secret", "b.example").returncode == 0
           and ("app_secret", "b.example") not in credentials())

    with Daemon() as daemon:
        def connectors():
            return len(daemon.ask("/api/v1/connectors")[1]["items"])

        until("its streams are followed", lambda: connectors() > 0)
        status, answer = daemon.ask("/api/v1/platforms")
        expect("the API lists them", status == 200 and len(answer["items"]) == 2)
        status, answer = daemon.ask("/api/v1/accounts")
        expect("an account says what its server takes", answer["items"][0]["limits"]["max_character_limit"] == 500)
        status, answer = daemon.ask("/api/v1/platforms/mastodon/capabilities",
                                    {"type": "limits", "name": "max_media", "value": "2", "server": "127.0.0.1"})
        expect("the API sets something lower", status == 200 and any(
            c["name"] == "max_media" and c["value"] == "2" and c["stated"] == "4" for c in answer["capabilities"]))
        status, answer = daemon.ask("/api/v1/platforms/mastodon/capabilities", {"type": "limits", "name": "max_media", "value": "9"})
        expect(f"never higher: {answer}", status == 400 and "mastodon says 4" in answer["detail"])
        status, answer = daemon.ask("/api/v1/platforms/mastodon/capabilities/remove",
                                    {"type": "limits", "name": "max_media", "server": "127.0.0.1"})
        expect("and takes it back", status == 200)
        expect("one that is not there is a 404", daemon.ask("/api/v1/platforms/myspace")[0] == 404)
        expect("a field that is not known is refused", daemon.ask("/api/v1/platforms/mastodon", {"colour": "red"})[0] == 400)
        expect("as is a status that is none", daemon.ask("/api/v1/platforms/mastodon", {"status": "off"})[0] == 400)
        status, answer = daemon.ask("/api/v1/platforms/mastodon/credentials")
        expect("credentials are listed without their values", status == 200 and answer["items"] and anew not in json.dumps(answer))

        run("platform", "disable", "mastodon")
        until("switched off, nothing is read", lambda: connectors() == 0)
        expect("and nothing is sent", denial(dry_run("Hello")).startswith("platform: mastodon is switched off"))
        refused = run("account", "add", "mastodon", server, "--token", token="test-token-bob")
        expect(f"nor is an account added: {refused.stderr}", refused.returncode == 1 and "linnet platform enable mastodon" in refused.stderr)
        refused = run("account", "backfill", alice)
        expect(f"nor read by hand: {refused.stderr}", refused.returncode == 1 and "switched off" in refused.stderr)
        status, answer = daemon.ask("/api/v1/platforms/mastodon", {"status": "active"})
        expect("the API switches it on", status == 200 and answer["status"] == "active")
        until("and it is read again", lambda: connectors() > 0)

trail = [entry["details"].get("what") for entry in told("audit", "list", "--limit", "500")]
for what in ("platform_changed", "platform_limit_changed", "platform_credential_set", "platform_credential_retired",
             "platform_credential_removed"):
    expect(f"{what} is in the audit trail", what in trail)
expect("which is whole", told("audit", "verify")["is_whole"])
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
