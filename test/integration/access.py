"""Who may do what, asked over HTTP: every operation of the OpenAPI document by every role. Called by access.sh."""
import datetime
import json
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

linnet, folder = sys.argv[1:]
passed = failed = 0
PASSWORD = "correct horse battery"
# What each role may do, written down here a second time.
RIGHTS = {"viewer": {"open", "read"}, "analyst": {"open", "read", "analyze", "audit"}}
RIGHTS["author"] = RIGHTS["analyst"] | {"act", "stop"}
RIGHTS["approver"] = RIGHTS["author"] | {"approve", "rules", "dm_read", "consent"}
RIGHTS["admin"] = RIGHTS["approver"] | {"accounts", "people", "erase"}


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


class Daemon:
    def __enter__(self):
        self.process = subprocess.Popen([linnet, "--quiet", "--data", folder, "serve", "--port", "0"],
                                        stdout=subprocess.PIPE, text=True)
        self.base = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ask(self, path, method="GET", body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, method=method, data=data,
                                         headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                is_json = "json" in (answer.headers["Content-Type"] or "")
                return answer.status, answer.headers, json.loads(text or b"null") if is_json else text
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, error.headers, json.loads(text) if text.startswith(b"{") else text


class Live:
    """A listener on /api/v1/live, with no more of WebSocket (RFC 6455) than it takes."""

    def __init__(self, daemon, **headers):
        host, port = daemon.base.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        fields = {"Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **{n.replace("_", "-"): v for n, v in headers.items()}}
        self.socket.sendall(("GET /api/v1/live HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in fields.items()) + "\r\n").encode())
        self.file = self.socket.makefile("rb")
        self.head = [self.file.readline().decode()]
        while self.head[-1].strip():
            self.head.append(self.file.readline().decode())
        self.status = int(self.head[0].split()[1])

    def end(self, seconds=6):
        """The code and the reason of the server's goodbye; (None, what happened) when none comes in time."""
        self.socket.settimeout(seconds)
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                first, length = self.file.read(2)
                if length == 126:
                    length = int.from_bytes(self.file.read(2), "big")
                text = self.file.read(length)
                if first & 15 == 8:
                    return int.from_bytes(text[:2], "big"), text[2:].decode()
        except (OSError, ValueError) as error:
            return None, repr(error)
        return None, "still open"

    def is_open(self):
        return self.end(2.5)[1] == "still open"


def sign_in(daemon, name, password=PASSWORD):
    status, headers, body = daemon.ask("/api/v1/session", "POST", {"name": name, "password": password})
    if status != 200:
        return None
    return {"Cookie": headers["Set-Cookie"].split(";")[0], "X_Linnet_CSRF": body["csrf"]}


with Daemon() as daemon:
    status, _, who = daemon.ask("/api/v1/session")
    expect("without passwords, whoever sits here is the owner", status == 200 and "people" in who["permissions"])
    expect("and has no limit", daemon.ask("/api/v1/status")[1]["X-RateLimit-Limit"] is None)
    expect("but not what a proxy says came by https", daemon.ask("/api/v1/users", X_Forwarded_Proto="https")[0] == 401)
    expect("nor what it passes on", daemon.ask("/api/v1/users", X_Forwarded_For="203.0.113.7")[0] == 401)
    expect("nor another site's page", daemon.ask("/api/v1/stop", "POST", {}, Origin="https://evil.example")[0] == 403)

(open(f"{folder}/linnet.toml", "w")).write('listen = "0.0.0.0"\n')
refused = run("serve", "--port", "0", check=False)
expect("it does not listen elsewhere without a password", refused.returncode != 0 and "linnet user add" in refused.stderr)
open(f"{folder}/linnet.toml", "w").close()

expect("a short password is refused", "10 to" in run("user", "add", "eve", given="short\n", check=False).stderr)
for role in RIGHTS:
    run("user", "add", f"the-{role}", "--role", role, given=PASSWORD + "\n")
read_token = run("token", "create", "the-admin", "--name", "reading", "--scope", "read", "--per-minute", "6000").stdout.strip()
expect("a token has no more rights than its user",
       run("token", "create", "the-viewer", "--name", "x", "--scope", "people", check=False).returncode == 1)

with Daemon() as daemon:
    document = daemon.ask("/api/openapi.json")[2]
    operations = [(path, method, operation) for path, methods in document["paths"].items()
                  for method, operation in methods.items()]
    expect("every operation has a rule", operations and all(operation.get("x-permission") for _, _, operation in operations))
    expect("figures and the live WebSocket are in the document", all(
        document["paths"].get(path, {}).get("get", {}).get("x-permission") == "read" for path in ("/metrics", "/api/v1/live")))
    sessions = {role: sign_in(daemon, f"the-{role}") for role in RIGHTS}
    expect("everyone can sign in", all(sessions.values()))
    rights_by_subject = {"nobody": {"open"}, **RIGHTS, "reading token": {"open", "read"}}
    headers_by_subject = {"nobody": {}, **sessions, "reading token": {"Authorization": f"Bearer {read_token}"}}
    for path, method, operation in operations:
        if path == "/api/v1/session/end":
            continue
        real = re.sub(r"\{[^}]*\}", "1", path)
        for subject, headers in headers_by_subject.items():
            # What is no JSON object is refused by whoever reads it, after the rights were looked at.
            status = daemon.ask(real, method.upper(), [] if method == "post" else None, **headers)[0]
            may = operation["x-permission"] in rights_by_subject[subject]
            wanted = f"{method.upper()} {path} by {subject}: {status}"
            if may:
                expect(wanted, status != 401 and (status != 403 or path.startswith("/api/v1/tokens")))
            else:
                expect(wanted, status == (401 if subject == "nobody" else 403))
    reader = headers_by_subject["reading token"]
    for path, methods in document["paths"].items():
        real = re.sub(r"\{[^}]*\}", "1", path)
        fitting = [set(others) for other, others in document["paths"].items()
                   if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", other), real)]
        takes = sorted(set().union(*fitting) | ({"head"} if any("get" in one for one in fitting) else set()))
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "FROB") + (() if "post" in takes else ("POST",)):
            status, headers, _ = daemon.ask(real, method, **reader)
            expect(f"{method} {path} is told what it takes: {status}, {headers['Allow']}",
                   status == 405 and sorted((headers["Allow"] or "").lower().split(", ")) == takes)
    for path in ("/", "/posts", "/metrics", "/api/docs", "/api/openapi.json"):
        status, headers, _ = daemon.ask(path, "POST", {}, **reader)
        expect(f"POST {path} is told what it takes: {status}", status == 405 and headers["Allow"] == "GET, HEAD")
    for path in ("/", "/metrics", "/api/docs", "/api/openapi.json", "/api/v1/status", "/api/v1/users/1", "/api/v1/nothing"):
        by_get, by_head = daemon.ask(path, **reader), daemon.ask(path, "HEAD", **reader)
        expect(f"HEAD {path} is GET without the body: {by_get[0]}, {by_head[0]}",
               by_head[0] == by_get[0] and not by_head[2] and by_head[1]["Content-Type"] == by_get[1]["Content-Type"])
    for path in ("/metrics", "/api/v1/status"):
        expect(f"{path} is not for strangers", daemon.ask(path)[0] == 401)
    daemon.ask("/api/v1/status", **sessions["viewer"])
    expect("nor is an answer that somebody else just had", daemon.ask("/api/v1/status")[0] == 401)

    media = document["paths"]["/api/v1/actions/{id}/media/{n}"]["get"]
    expect("files of actions are for those who write and those who decide",
           (media["x-permission"], media["x-permission-or"]) == ("act", "approve"))
    run("user", "add", "the-decider", "--role", "viewer", given=PASSWORD + "\n")
    run("user", "permit", "the-decider", "approve")
    decider = sign_in(daemon, "the-decider")
    expect("either right does", daemon.ask("/api/v1/actions/1/media/0", **decider)[0] == 404
           and daemon.ask("/api/v1/actions/1/cancel", "POST", {}, **decider)[0] == 403)

    known = daemon.ask("/api/v1/session", Cookie=sessions["author"]["Cookie"])[2]
    expect("a new tab is told what its changes must show", known["csrf"] == sessions["author"]["X_Linnet_CSRF"])
    expect("a token makes no tokens", daemon.ask("/api/v1/tokens", "POST", {"name": "more", "scopes": ["read"]},
                                                 Authorization=f"Bearer {read_token}")[0] == 403)
    cookie = {"Cookie": sessions["author"]["Cookie"]}
    expect("a session's changes need its own token", daemon.ask("/api/v1/stop", "POST", {}, **cookie)[0] == 403)
    expect("another session's token is not it",
           daemon.ask("/api/v1/stop", "POST", {}, **cookie, X_Linnet_CSRF=sessions["admin"]["X_Linnet_CSRF"])[0] == 403)
    for name, token in (("forged", "lin_" + "A" * 43), ("empty", ""), ("a session's", cookie["Cookie"].split("=")[1])):
        expect(f"a {name} token is refused", daemon.ask("/api/v1/status", Authorization=f"Bearer {token}")[0] == 401)
    expect("a made-up session is nobody", daemon.ask("/api/v1/status", Cookie="linnet_session=lis_made_up")[0] == 401)
    status, headers, _ = daemon.ask("/api/v1/session", "POST", {"name": "the-viewer", "password": PASSWORD})
    expect("the cookie is kept from scripts and other sites",
           all(part in headers["Set-Cookie"] for part in ("HttpOnly", "SameSite=Strict", "Path=/")))
    status, headers, _ = daemon.ask("/api/v1/session", "POST", {"name": "the-viewer", "password": PASSWORD},
                                    X_Forwarded_Proto="https")
    expect("behind https it is bound to this host",
           headers["Set-Cookie"].startswith("__Host-") and "Secure" in headers["Set-Cookie"])

    narrow = run("token", "create", "the-admin", "--name", "narrow", "--scope", "read", "--scope", "stop", "--per-minute", "4").stdout.strip()
    by_narrow = {"Authorization": f"Bearer {narrow}"}
    answers = [daemon.ask("/api/v1/status", **by_narrow) for _ in range(3)] + [daemon.ask("/api/v1/nothing", **by_narrow)]
    expect("each answer says what is left of the minute, errors and kept answers too",
           [status for status, _, _ in answers] == [200, 200, 200, 404]
           and [headers["X-RateLimit-Remaining"] for _, headers, _ in answers] == ["3", "2", "1", "0"]
           and all(headers["X-RateLimit-Limit"] == "4" and 0 < int(headers["X-RateLimit-Reset"]) - time.time() < 62
                   for _, headers, _ in answers))
    for path in ("/api/v1/status", "/api/v1/posts"):
        status, headers, body = daemon.ask(path, **by_narrow)
        expect(f"more are refused, with how long to wait: {status}", status == 429 and 1 <= int(headers["Retry-After"]) <= 60
               and headers["X-RateLimit-Remaining"] == "0" and "linnet token limit" in body["detail"])
    refused = Live(daemon, **by_narrow)
    expect("the live WebSocket counts", refused.status == 429 and any(line.startswith("Retry-After: ") for line in refused.head))
    expect("the emergency stop always works", daemon.ask("/api/v1/stop", "POST", {}, **by_narrow)[0] == 200
           and daemon.ask("/api/v1/resume", "POST", {}, **sessions["admin"])[0] == 200)
    headers = daemon.ask("/api/v1/status", **sessions["viewer"])[1]
    expect("a session has a limit of its own", headers["X-RateLimit-Limit"] == "1200" and int(headers["X-RateLimit-Remaining"]) > 0)
    narrow_id = next(token["id"] for token in daemon.ask("/api/v1/tokens", **sessions["admin"])[2]["items"] if token["name"] == "narrow")
    changed = daemon.ask(f"/api/v1/tokens/{narrow_id}", "POST", {"requests_per_minute": 50}, **sessions["admin"])
    expect("a limit can be raised", changed[0] == 200 and changed[2]["requests_per_minute"] == 50
           and daemon.ask("/api/v1/status", **by_narrow)[0] == 200)
    run("token", "limit", narrow_id, "60")
    expect("by the command too", any(token["requests_per_minute"] == 60 for token in json.loads(run("--json", "token", "list").stdout)))
    wide = daemon.ask("/api/v1/tokens", "POST", {"name": "wide", "scopes": ["read"], "requests_per_minute": 601}, **sessions["viewer"])
    expect("but more than usual not for oneself", wide[0] == 403 and "requests_per_minute" in wide[2]["detail"])
    expect("nor another's", daemon.ask(f"/api/v1/tokens/{narrow_id}", "POST", {"requests_per_minute": 5}, **sessions["viewer"])[0] == 404)
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)).isoformat()
    short_token = run("token", "create", "the-admin", "--name", "short", "--scope", "read", "--expires", soon).stdout.strip()
    live = {name: Live(daemon, **headers) for name, headers in
            {"token": {"Authorization": f"Bearer {read_token}"}, "short token": {"Authorization": f"Bearer {short_token}"},
             "author": {"Cookie": sessions["author"]["Cookie"]}, "analyst": {"Cookie": sessions["analyst"]["Cookie"]},
             "stays": {"Cookie": sessions["approver"]["Cookie"]}}.items()}
    expect("whoever may read may listen", all(one.status == 101 for one in live.values()))
    expect("a stranger is asked who they are", Live(daemon).status == 401
           and Live(daemon, Authorization="Bearer lin_forged").status == 401)

    listed = daemon.ask("/api/v1/tokens", **sessions["admin"])[2]["items"]
    expect("tokens are never shown again", read_token not in json.dumps(listed))
    token_id = next(token["id"] for token in listed if token["name"] == "reading")
    daemon.ask(f"/api/v1/tokens/{token_id}/revoke", "POST", {}, **sessions["admin"])
    expect("a revoked token ends at once", daemon.ask("/api/v1/status", Authorization=f"Bearer {read_token}")[0] == 401)
    ended = live["token"].end()
    expect(f"who listens by it hears why they no more do: {ended}", ended == (1008, "the token was revoked"))
    time.sleep(5)
    ended = live["short token"].end()
    expect(f"as does who listens by an expired one: {ended}", ended == (1008, "the token has expired"))
    expect("an expired token has ended", daemon.ask("/api/v1/status", Authorization=f"Bearer {short_token}")[0] == 401)

    expect("signing out ends the session", daemon.ask("/api/v1/session/end", "POST", {}, **sessions["analyst"])[0] == 200
           and daemon.ask("/api/v1/status", **sessions["analyst"])[0] == 401)
    ended = live["analyst"].end()
    expect(f"and what listens by it: {ended}", ended == (1008, "the session has ended; sign in again"))
    people = daemon.ask("/api/v1/users", **sessions["admin"])[2]["items"]
    ids = {user["name"]: user["id"] for user in people}
    expect("no password is shown", "argon2" not in json.dumps(people))
    viewer = f"/api/v1/users/{ids['the-viewer']}"
    expect("a viewer does not see the audit trail", daemon.ask("/api/v1/audit", **sessions["viewer"])[0] == 403)
    changed = daemon.ask(viewer, "POST", {"extra_permissions": ["audit"]}, **sessions["admin"])
    expect("an extra right is given", changed[0] == 200 and changed[2]["extra_permissions"] == ["audit"]
           and daemon.ask("/api/v1/audit", **sessions["viewer"])[0] == 200)
    unknown = daemon.ask(viewer, "POST", {"extra_permissions": ["fly"]}, **sessions["admin"])
    expect("one that is none is named", unknown[0] == 400 and "extra_permissions: expected some of read" in unknown[2]["detail"])
    daemon.ask(viewer, "POST", {"extra_permissions": []}, **sessions["admin"])
    expect("and taken", daemon.ask("/api/v1/audit", **sessions["viewer"])[0] == 403)
    run("user", "permit", "the-viewer", "audit", "analyze")
    listed = {user["name"]: user for user in json.loads(run("--json", "user", "list").stdout)}
    expect("the command gives them too", listed["the-viewer"]["extra_permissions"] == ["analyze", "audit"])
    time.sleep(3.5)  # another process changed it: noticed within three seconds
    expect("to whom is signed in as well", daemon.ask("/api/v1/audit", **sessions["viewer"])[0] == 200)
    run("user", "forbid", "the-viewer", "audit", "analyze")
    refused = run("user", "forbid", "the-viewer", "read", check=False)
    expect("what the role gives goes with the role", refused.returncode != 0
           and "comes with the role viewer" in refused.stderr)
    daemon.ask(f"/api/v1/users/{ids['the-author']}", "POST", {"is_active": False}, **sessions["admin"])
    expect("whoever is deactivated is out", daemon.ask("/api/v1/status", **sessions["author"])[0] == 401)
    ended = live["author"].end()
    expect(f"and listens no more: {ended}", ended == (1008, "the session has ended; sign in again"))
    admins_token = run("token", "create", "the-admin", "--name", "listening").stdout.strip()
    listener = Live(daemon, Authorization=f"Bearer {admins_token}")
    tokens = json.loads(run("--json", "token", "list").stdout)
    run("token", "revoke", next(token["id"] for token in tokens if token["name"] == "listening"))
    ended = listener.end()
    expect(f"also when another process revoked the token: {ended}", ended == (1008, "the token was revoked"))
    listener = Live(daemon, **by_narrow)
    with sqlite3.connect(f"{folder}/linnet.db") as database:  # no command takes the right to read from a token
        database.execute("UPDATE api_tokens SET scopes = '[\"stop\"]' WHERE id = ?", (narrow_id,))
    ended = listener.end()
    expect(f"or the right is gone: {ended}", listener.status == 101 and ended == (1008, "the right to read was taken"))
    expect("whoever still may listens on", live["stays"].is_open())
    run("user", "add", "unarmed", "--role", "admin", "--no-password")
    expect("an admin without a password is none to rely on",
           daemon.ask(f"/api/v1/users/{ids['the-admin']}", "POST", {"is_active": False}, **sessions["admin"])[0] == 409)
    changed = daemon.ask("/api/v1/session/password", "POST", {"old": PASSWORD, "new": "another battery"}, **sessions["viewer"])
    expect("people change their own password", changed[0] == 200 and sign_in(daemon, "the-viewer", "another battery"))
    expect("and not without the old one", daemon.ask("/api/v1/session/password", "POST", {"old": "wrong one!", "new": "x" * 12},
                                                     **sessions["approver"])[0] == 401)
    expect("the last admin stays one",
           daemon.ask(f"/api/v1/users/{ids['the-admin']}", "POST", {"role": "viewer"}, **sessions["admin"])[0] == 409)
    tries = [daemon.ask("/api/v1/session", "POST", {"name": "the-approver", "password": "wrong password"}) for _ in range(8)]
    statuses = [status for status, _, _ in tries]
    expect(f"guessing is slowed down: {statuses}", statuses[0] == 401 and 429 in statuses)
    expect("a wrong password is told how to show who one is", "Bearer" in (tries[0][1]["WWW-Authenticate"] or ""))
    waits = [headers["Retry-After"] for status, headers, _ in tries if status == 429]
    expect(f"and each that waits is told how long: {waits}", all(wait and 1 <= int(wait) <= 900 for wait in waits))
    wrong = [daemon.ask("/api/v1/session", "POST", {"name": name, "password": "x" * 12})[2]["detail"]
             for name in ("the-approver", "nobody-at-all")]
    expect("an error does not tell who exists", wrong[0] == wrong[1])

    token = run("token", "create", "the-admin", "--name", "proxied").stdout.strip()
    daemon.ask("/api/v1/status", Authorization=f"Bearer {token}", X_Forwarded_For="1.1.1.1, 203.0.113.7")
    used = {token["name"]: token["last_used_from"] for token in daemon.ask("/api/v1/tokens", **sessions["admin"])[2]["items"]}
    expect(f"a proxy on this machine says who asks: {used}", used["proxied"] == "203.0.113.7" and used["narrow"] == "127.0.0.1")

open(f"{folder}/linnet.toml", "w").write('trusted_proxies = "none"\n')
with Daemon() as daemon:
    status, headers, _ = daemon.ask("/api/v1/session", "POST", {"name": "the-admin", "password": PASSWORD}, X_Forwarded_Proto="https")
    expect("a proxy that is not trusted says nothing of https",
           status == 200 and headers["Set-Cookie"].startswith("linnet_session=") and "Secure" not in headers["Set-Cookie"])
    token = run("token", "create", "the-admin", "--name", "made-up").stdout.strip()
    daemon.ask("/api/v1/status", Authorization=f"Bearer {token}", X_Forwarded_For="203.0.113.7")
    used = {token["name"]: token["last_used_from"] for token in daemon.ask("/api/v1/tokens", **sessions["admin"])[2]["items"]}
    expect("nor of who asks", used["made-up"] == "127.0.0.1")
    guesses = [daemon.ask("/api/v1/session", "POST", {"name": f"nobody-{i}", "password": "x" * 12}, X_Forwarded_For=f"203.0.113.{i}")[0]
               for i in range(8)]
    expect(f"and guessing under made-up addresses is slowed down: {guesses}", 429 in guesses)

verdict = json.loads(run("--json", "audit", "verify").stdout)
expect("all of it is in the audit trail", verdict["is_whole"] and verdict["rows"] > 10)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
