"""What the rooms for acting ask of the API. Called by acting_api.sh."""
import base64
import json
import re
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from fake_mastodon import FakeMastodon

linnet, folder = sys.argv[1:]
passed = failed = 0
PASSWORD = "correct horse battery"
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def expect(what, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL", what)


def run(*words, given="", check=True):
    done = subprocess.run([linnet, "--quiet", "--data", folder, *words], input=given, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise SystemExit(f"linnet {' '.join(words)}: {done.stderr}")
    return done


def until(probe, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.1)
    return probe()


def in_database(sql, *values):
    with sqlite3.connect(f"{folder}/linnet.db", timeout=10) as database:
        database.execute(sql, values)


class Daemon:
    def __enter__(self):
        self.process = subprocess.Popen([linnet, "--quiet", "--data", folder, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.base = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ask(self, path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/api/v1{path}", data=data,
                                         headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return answer.status, answer.headers, json.loads(text) if "json" in answer.headers["Content-Type"] else text
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.loads(error.read())

    def sign_in(self, name):
        _, headers, body = self.ask("/session", {"name": name, "password": PASSWORD})
        return {"Cookie": headers["Set-Cookie"].split(";")[0], "X_Linnet_CSRF": body["csrf"]}


def back_from(fake, authorize_url):
    """What the browser comes back with, and to which page."""
    status, headers, _ = fake.ask(authorize_url)
    page, _, query = headers["location"].partition("?")
    return page, dict(urllib.parse.parse_qsl(query))


with FakeMastodon("--recordings", "none", "--seed", "1") as fake, Daemon() as daemon:
    # Signing in by the browser.
    wanted = {"platform": "mastodon", "address": fake.base}
    status, _, begun = daemon.ask("/accounts/sign-in", wanted)
    page, answer = back_from(fake, begun["authorize_url"])
    expect("the network comes back to our own page", status == 200 and page == f"{daemon.base}/accounts/signed-in")
    status, _, account = daemon.ask("/accounts/sign-in/finish", answer)
    expect(f"and the account is there: {account}", status == 200 and account["username"] == "alice" and account["is_active"])
    expect("with what is known of it", account["display_name"] and account["created_at"] and account["updated_at"]
           and account["pending_actions"] == 0 and account["is_removed"] is False)
    status, _, problem = daemon.ask("/accounts/sign-in/finish", answer)
    expect("each sign-in is finished once", status == 400 and "begin it again" in problem["detail"])
    status, _, problem = daemon.ask("/accounts/sign-in", wanted, Host="linnet.localhost.example:80")
    expect("another host's name is not answered", status == 421)
    status, _, problem = daemon.ask("/accounts/sign-in", {"platform": "bluesky", "address": fake.base}, Host="localhost")
    expect("where the network cannot come back it says what to do", status == 400 and "http://127.0.0.1:" in problem["detail"])
    status, _, problem = daemon.ask("/accounts/sign-in", {"platform": "irc", "address": fake.base})
    expect("what is no network is named", status == 400 and problem["detail"].startswith("platform: "))
    fake.control("settings", {"deny_login": True})
    _, _, begun = daemon.ask("/accounts/sign-in", wanted)
    status, _, problem = daemon.ask("/accounts/sign-in/finish", back_from(fake, begun["authorize_url"])[1])
    expect("whoever says no is believed", status == 403 and "did not let Linnet in" in problem["detail"])
    fake.control("settings", {"deny_login": False})

    # Signing in again, as the same and as somebody else.
    again = {"account_id": account["id"]}
    _, _, begun = daemon.ask("/accounts/sign-in", again)
    status, _, same = daemon.ask("/accounts/sign-in/finish", back_from(fake, begun["authorize_url"])[1])
    expect("the same account signs in again", status == 200 and same["id"] == account["id"])
    fake.control("settings", {"login_as": "bob"})
    _, _, begun = daemon.ask("/accounts/sign-in", again)
    status, _, problem = daemon.ask("/accounts/sign-in/finish", back_from(fake, begun["authorize_url"])[1])
    expect(f"somebody else is refused: {problem}", status == 409 and "bob's" in problem["detail"] and "Nothing was changed" in problem["detail"])
    status, _, problem = daemon.ask("/accounts", {**again, "secret": "test-token-bob"})
    expect("by a token too", status == 409 and "bob's" in problem["detail"])
    expect("and by its token the account itself is taken", daemon.ask("/accounts", {**again, "secret": "test-token-alice"})[0] == 201)
    refused = run("account", "add", "mastodon", fake.base, "--token", "--again", "alice", given="test-token-bob\n", check=False)
    expect(f"by the command too: {refused.stderr}", refused.returncode == 1 and "bob's" in refused.stderr)
    expect("nothing came of it", [one["username"] for one in daemon.ask("/accounts")[2]["items"]] == ["alice"])
    fake.control("settings", {"login_as": "alice"})

    # What whoever decides is shown.
    one = f"/accounts/{account['id']}"
    daemon.ask(f"{one}/settings", {"warmUp": False})
    fake.control("publish", {"account": "bob", "text": "How is the harbour today?"})
    post = fake.get("/api/v1/timelines/public", token="test-token-alice")[2][0]
    for event in (post,):
        daemon.ask(f"/events?instance={urllib.parse.quote(fake.base)}", event)
    expect("the post is known", until(lambda: daemon.ask("/posts?query=harbour")[2]["items"]))
    media = [{"name": "../a.png", "media_type": "image/png", "alt_text": "a boat", "data": base64.b64encode(PIXEL).decode()},
             {"name": "x.gif", "media_type": "image/gif", "alt_text": "", "data": base64.b64encode(b"GIF89a<svg onload='alert(1)'/>").decode()}]
    draft = {"type": "reply", "account": account["id"], "post_id": post["id"], "text": "Calm.", "spoiler_text": "sea",
             "visibility": "unlisted", "language": "en", "sensitive": True, "media": media}
    status, _, asked = daemon.ask("/actions", draft)
    expect("an answer waits for a person", status == 201 and asked["decision"]["decision"] == "hold")
    shown = daemon.ask("/approvals")[2]["items"][0]
    context = shown["context"]
    expect(f"with the post that it answers: {context}", context["post"]["text"] == "How is the harbour today?"
           and context["post"]["author"] == "bob" and context["post"]["url"] == post["url"])
    expect("with what every rule said", [verdict["rule"] for verdict in context["verdicts"] if verdict["decision"] != "allow"] == ["approval"])
    expect("with all that is written", shown["action"]["input"]["spoilerText"] == "sea" and shown["action"]["input"]["visibility"] == "unlisted"
           and [file["altText"] for file in shown["action"]["input"]["media"]] == ["a boat", ""])
    expect("the account says how much is pending", daemon.ask(one)[2]["pending_actions"] == 1)

    # Files.
    files = f"/actions/{shown['action']['id']}/media"
    status, headers, data = daemon.ask(f"{files}/0")
    expect("a picture is given as it is", status == 200 and headers["Content-Type"] == "image/png" and data == PIXEL)
    expect("under a name of our own, and as nothing else", headers["Content-Disposition"] == 'inline; filename="1.png"'
           and headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"])
    in_database("UPDATE action_media SET media_type = 'image/svg+xml' WHERE position = 1")  # of a server that takes it
    status, headers, data = daemon.ask(f"{files}/1")
    expect("what could hold a script is given for saving only", status == 200 and headers["Content-Type"] == "application/octet-stream"
           and headers["Content-Disposition"] == 'attachment; filename="2.bin"')
    for place, wanted_status in (("2", 404), ("-1", 400), ("0x", 400), ("..%2F0", 400), ("99999999999999999999", 400)):
        expect(f"there is no file {place}", daemon.ask(f"{files}/{place}")[0] == wanted_status)
    daemon.ask(f"/approvals/{shown['id']}", {"decision": "reject"})

    by_command = json.loads(run("--json", "action", "do", "publish", "--account", "alice", "--text", "Which boat?", "--poll", "Red", "--poll", "Blue",
                                "--poll-hours", "6", "--poll-multiple", "--sensitive", "--quote-policy", "nobody", "--dry-run").stdout)
    given = by_command["actions"][0]["input"]
    expect(f"the command takes the same: {given}", given["poll"] == {"options": ["Red", "Blue"], "openForSeconds": 21600, "multiple": True}
           and given["sensitive"] and given["quotePolicy"] == "nobody")
    for wrong in ({"type": "dm_send", "person_id": "1", "text": "x"}, {"type": "publish", "posts": [{"text": "a"}, {"text": "b"}]}):
        where = wrong["posts"][0] if "posts" in wrong else wrong
        where["scheduled_at"] = "2099-01-01T00:00:00Z"
        status, _, problem = daemon.ask("/actions", {"account": account["id"], "dry_run": True, **wrong})
        expect(f"a {wrong['type']} is not left to the server: {problem}", status == 400 and problem["detail"].startswith("scheduled_at: "))

    # Done, and whether a look confirmed it.
    _, _, asked = daemon.ask("/actions", {"type": "publish", "account": account["id"], "text": "Low tide", "approve": True})
    mine = f"/actions/{asked['actions'][0]['id']}"
    done = until(lambda: (found := daemon.ask(mine)[2])["verified"] is not None and found)
    expect("a look confirms it, and the list says so", done["status"] == "success" and done["verified"] and done["confidence"] > 0.9)
    notices = lambda: {notice["kind"]: notice["text"] for notice in daemon.ask("/notices")[2]["items"]}
    expect("which is no news", "unverified" not in notices())
    in_database("UPDATE verification_results SET verified = 0 WHERE action_attempt_id = ?", asked["actions"][0]["id"])
    expect("a look that did not show it is", "1 action " in notices().get("unverified", ""))
    expect("and it is found", [a["id"] for a in daemon.ask("/actions?verified=false")[2]["items"]] == [asked["actions"][0]["id"]])
    daemon.ask(f"{mine}/confirm", {"took_effect": True})
    expect("until a person looked", "unverified" not in notices() and daemon.ask(mine)[2]["verified"])

    # Pauses and switches.
    in_database("UPDATE accounts SET paused_until = ?, pause_reason = '5 of 6 actions failed'", (int(time.time()) + 3600) * 1_000_000)
    expect("a pause is told, with why and until when", re.search(r"alice is paused until \d+ \w+ 20\d\d, \d\d:\d\d UTC: 5 of 6 actions failed", notices().get("paused", "")))
    resumed = daemon.ask(f"{one}/resume", {})[2]
    expect("and ended by a person", resumed["paused_until"] is None and "paused" not in notices())
    status, _, off = daemon.ask(f"{one}/active", {"is_active": False})
    expect("an account is switched off, and stays signed in", status == 200 and not off["is_active"] and not off["is_removed"] and off["credential_state"] == "ok")
    denied = daemon.ask("/actions", {"type": "publish", "account": account["id"], "text": "No", "dry_run": True})[2]
    expect("nothing is done in its name", denied["decision"]["decision"] == "deny" and denied["decision"]["rule"] == "account_active")
    daemon.ask("/accounts", {**again, "secret": "test-token-alice"})
    expect("not even after signing in again", daemon.ask(one)[2]["is_active"] is False)
    expect("a switch asks which way", daemon.ask(f"{one}/active", {})[0] == 400)
    run("account", "on", "alice")
    expect("it is switched on by the command", daemon.ask(one)[2]["is_active"] is True)
    trail = [entry["details"].get("what") for entry in daemon.ask("/audit?limit=1000")[2]["items"]]
    expect("each switch is in the audit trail", trail.count("account_switched_off") == 1 and trail.count("account_switched_on") == 1)
    settings = {"warmUp": True, "approvalHours": 5, "cooldown": {"afterLike": 7},
                "quietHours": {"enabled": True, "timezone": "Europe/Berlin", "week": {"monday": [0, 23]}}}
    changed = daemon.ask(f"{one}/settings", settings)[2]["settings"]
    expect(f"all its settings are set: {changed}", changed["approvalHours"] == 5 and changed["cooldown"]["afterLike"] == 7
           and changed["quietHours"]["week"]["monday"] == [0, 23] and changed["quietHours"]["startHour"] == 23)
    expect("the form of every day is as it was", "week" not in daemon.ask(f"{one}/settings", {"quietHours": {"week": None}})[2]["settings"]["quietHours"])

    # The blocklist.
    test = lambda **subject: daemon.ask("/blocklist/test", subject)[2]
    daemon.ask("/blocklist", {"entry_type": "user", "value": "rude@far.example", "reason": "rude, \"very\"", "platform": "mastodon",
                              "expires_at": "2099-01-01T00:00:00Z"})
    daemon.ask("/blocklist", {"entry_type": "domain", "value": "spam.example", "reason": "ads"})
    daemon.ask("/opt-outs", {"platform": "mastodon", "user_id": "42", "server_id": "home.example"})
    expect("the tester finds an entry", test(user="rude@far.example")["hit"]["reason"].startswith("blocked (user"))
    expect("and what a profile says", test(user="kim@far.example", bio="I paint #nobot")["hit"]["is_opt_out"] is True)
    expect("and an opt-out that is an id alone, on its server", test(user="42", server="https://home.example")["hit"]["is_opt_out"] is True)
    expect("but not the same id elsewhere", test(user="42", server="far.example")["hit"] is None)
    expect("what is no server is named", daemon.ask("/blocklist/test", {"server": "no server"})[2]["detail"].startswith("server: "))
    expect("opt-outs are listed apart", [e["value"] for e in daemon.ask("/blocklist?added_by=opt_out")[2]["items"]] == ["42"])
    status, headers, csv = daemon.ask("/blocklist/export?kind=users")
    expect(f"users are exported, opt-outs are not: {csv}", status == 200 and headers["Content-Type"] == "text/csv"
           and b'rude@far.example,"rude, ""very""",mastodon,2099' in csv and b"42" not in csv)
    expect("domains too", b"spam.example,suspend" in daemon.ask("/blocklist/export?kind=domains")[2])

    # Bound to the session that began it.
    for name, role in (("ann", "admin"), ("ben", "admin"), ("vera", "viewer")):
        run("user", "add", name, "--role", role, given=PASSWORD + "\n")
    time.sleep(3.5)  # another process changed it: noticed within three seconds
    ann, ben, vera = (daemon.sign_in(name) for name in ("ann", "ben", "vera"))
    # The trail is for those with the right to see it, by whatever door.
    seen = {name: daemon.ask(mine, **who) for name, who in (("ann", ann), ("vera", vera))}
    expect("whoever may see the audit trail sees an action's steps", [step["details"]["action"] for step in seen["ann"][2].get("audit", [])][:1] == [mine.split("/")[-1]])
    expect(f"whoever may not sees the action without them: {sorted(seen['vera'][2])}", seen["vera"][0] == 200 and seen["vera"][2]["text"] == "Low tide"
           and seen["vera"][2]["verifications"] and "audit" not in seen["vera"][2])
    reading = run("token", "create", "ann", "--name", "reading", "--scope", "read").stdout.strip()
    narrow = daemon.ask(mine, Authorization=f"Bearer {reading}")
    expect(f"nor does a token without that right, whosever it is: {narrow}", narrow[0] == 200 and "audit" not in narrow[2])
    expect("nor is the list another door", all("audit" not in one for one in daemon.ask("/actions", **vera)[2]["items"]))
    _, _, begun = daemon.ask("/accounts/sign-in", again, **ann)
    _, answer = back_from(fake, begun["authorize_url"])
    expect("a sign-in is nobody else's to finish", daemon.ask("/accounts/sign-in/finish", answer, **ben)[0] == 400)
    expect("nor any page's that lacks the session's token", daemon.ask("/accounts/sign-in/finish", answer, Cookie=ann["Cookie"])[0] == 403)
    expect("but theirs who began it", daemon.ask("/accounts/sign-in/finish", answer, **ann)[0] == 200)

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
