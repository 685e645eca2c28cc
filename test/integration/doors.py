"""Attacks that need no password, or little: bodies, trailers, idle connections, other sites' pages. Called by doors.sh."""
import http.client
import json
import os
import re
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time

linnet, folder = sys.argv[1:]
passed = failed = 0
PASSWORD = "correct horse battery"


def expect(what, holds, seen=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print("ok  " if holds else f"FAIL {seen!r:.300}", what)


def run(*words, given=""):
    return subprocess.run([linnet, "--quiet", "--data", folder, *words], input=given, capture_output=True, text=True)


class Daemon:
    def __init__(self, files=None):
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
        self.process = subprocess.Popen([linnet, "--quiet", "--data", folder, "serve", "--port", "0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, preexec_fn=limit)
        self.port = int(re.search(r"127.0.0.1:(\d+)", self.process.stdout.readline()).group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def megabytes(self):
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read()).group(1)) >> 10

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def open(self, head):
        peer = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        peer.sendall(head.encode())
        return peer

    def status_of(self, head):
        """Of the answer to a head whose body never comes; 0 when none came."""
        with self.open(head) as peer:
            try:
                return int(peer.recv(65536).split()[1])
            except (OSError, IndexError):
                return 0


def rows(sql):
    with sqlite3.connect(f"file:{folder}/linnet.db?mode=ro", uri=True) as database:
        return database.execute(sql).fetchone()[0]


expect("a sample comes in", run("import", "events", "-", "--instance", "https://social.example",
                                given=subprocess.run([linnet, "sample", "--events", "200"], capture_output=True, text=True).stdout).returncode == 0)

# Nobody has a password: whoever asks from here is the owner, and so is any page the owner looks at.
with Daemon() as daemon:
    document = json.loads(daemon.ask("GET", "/api/openapi.json")[2])
    operations = [(path, method, one) for path, methods in document["paths"].items() for method, one in methods.items()]
    names = [one["operationId"] for _, _, one in operations]
    expect("each operation has a name of its own", len(set(names)) == len(names) > 50)
    expect("and each that takes a body says so", all("requestBody" in one for _, method, one in operations if method == "post"))
    who = rows("SELECT acct FROM platform_users WHERE acct LIKE '%@%' LIMIT 1")
    before = rows("SELECT COUNT(*) FROM audit_entries")
    page = {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"}
    for sign in ({"Sec_Fetch_Site": "cross-site", **page}, {"Sec_Fetch_Site": "same-site", **page}, {"Referer": "https://evil.example/"},
                 {"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}):
        for path, method, one in operations:
            if method != "get" or one["x-permission"] == "open" or path == "/api/v1/live":
                continue
            real = re.sub(r"{[^}]*}", "1", path) + (f"?address={who}" if path == "/api/v1/persons/record" else "")
            status = daemon.ask("GET", real, **sign)[0]
            if status != 403:
                expect(f"GET {path} for a page of another site ({sign})", False, status)
    expect("no page of another site wrote into the audit trail", rows("SELECT COUNT(*) FROM audit_entries") == before)
    status = daemon.ask("GET", f"/api/v1/persons/record?address={who}", Sec_Fetch_Site="same-origin")[0]
    expect("our own page does", (status, rows("SELECT COUNT(*) FROM audit_entries")) == (200, before + 1), status)
    daemon.ask("GET", "/api/v1/posts?limit=5")
    expect("nor does one get what is kept in memory", daemon.ask("GET", "/api/v1/posts?limit=5", Sec_Fetch_Site="cross-site")[0] == 403)
    expect("a link to the web app is followed", daemon.ask("GET", "/posts", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")[0] == 200)
    for path, method, _ in operations:
        if method == "get" and path != "/api/v1/live":
            headers = daemon.ask("GET", re.sub(r"{[^}]*}", "1", path))[1]
            if "no-store" not in (headers["Cache-Control"] or ""):
                expect(f"GET {path} is not kept by browsers and proxies", False, headers["Cache-Control"])
    for _ in range(2):
        headers = daemon.ask("GET", "/api/v1/posts?limit=7")[1]
        expect("nor an answer that is kept here", headers["Cache-Control"] == "no-store", headers["Cache-Control"])
    clash = daemon.ask("POST", "/api/v1/users", {"name": "ada", "role": "viewer"}), daemon.ask("POST", "/api/v1/users", {"name": "ada", "role": "viewer"})
    expect("a clash is said in words", clash[1][0] == 409 and b"/" not in json.loads(clash[1][2])["detail"].encode(), clash[1])
    host = daemon.status_of("GET /healthz HTTP/1.1\r\nHost: [::1].evil.example\r\n\r\n")
    expect("a name that only begins like ours is not ours", host == 421, host)

run("user", "add", "root", "--role", "admin", given=PASSWORD)
stopper = run("token", "create", "root", "--name", "stop", "--scope", "stop", "--per-minute", "1").stdout.strip()
reader = run("token", "create", "root", "--name", "read", "--scope", "read").stdout.strip()

with Daemon() as daemon:
    for path, method, one in operations:
        if method != "post":
            continue
        head = f"POST {re.sub(r'{[^}]*}', '1', path)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15000\r\n"
        status = daemon.status_of(head + "\r\n") if one["x-permission"] != "open" else 401
        status_of_reader = daemon.status_of(head + f"Authorization: Bearer {reader}\r\n\r\n") if one["x-permission"] not in ("open", "read") else 403
        if (status, status_of_reader) != (401, 403):
            expect(f"{path} is refused before its body comes", False, (status, status_of_reader))
    expect("rights are judged by the head", True)
    unknown = daemon.status_of(f"POST /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {reader}\r\nContent-Length: 9\r\n\r\n")
    expect("as is whether there is anything at all", unknown == 404, unknown)
    before = daemon.megabytes()
    kept = []
    for _ in range(30):
        peer = daemon.open("POST /api/v1/events?instance=https://x.example HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16777216\r\n\r\n")
        try:
            for _ in range(15):
                peer.sendall(b"a" * (1 << 20))
        except OSError:
            pass
        kept.append(peer)
    peer = daemon.open("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    try:
        for _ in range(1000):
            peer.sendall((b"X: " + b"a" * 4000 + b"\r\n") * 16)
    except OSError:
        pass
    grown = daemon.megabytes() - before
    expect("what strangers send is not kept", grown < 60, grown)
    del kept

    for i in range(4):
        daemon.ask("POST", "/api/v1/stop", {"reason": "r" * 15_000}, Authorization=f"Bearer {stopper}")
    length = rows("SELECT MAX(LENGTH(details)) FROM audit_entries")
    expect("a long reason stops everything and is cut in the trail", rows("SELECT value > 0 FROM govern_marks WHERE name = 'stop'") and length < 5_000, length)
    statuses = [daemon.ask("POST", "/api/v1/stop", {"reason": "x"}, Authorization=f"Bearer {stopper}")[0] for _ in range(70)]
    expect("the stop has a limit of its own, beyond the token's", statuses[0] == 200 and statuses[-1] == 429, statuses)
    expect("another's stop is not in it", daemon.ask("POST", "/api/v1/stop", {"reason": "x"}, Authorization=f"Bearer {reader}")[0] == 403)

    # Guessing is slow on purpose, and takes no worker from anybody else.
    def guess(number):
        daemon.ask("POST", "/api/v1/session", {"name": f"nobody{number}", "password": "x" * 20}, X_Forwarded_For=f"203.0.113.{number}")
    guesses = [threading.Thread(target=guess, args=(i,)) for i in range(30)]
    for one in guesses:
        one.start()
    time.sleep(0.2)
    busy = sum(one.is_alive() for one in guesses)
    status = daemon.ask("GET", "/api/v1/status", Authorization=f"Bearer {reader}")[0]
    waiting = sum(one.is_alive() for one in guesses)
    expect("others are answered while passwords are tried", status == 200 and waiting > 0, (status, busy, waiting))
    for one in guesses:
        one.join()

# With the usual number of files, strangers who ask nothing hold nobody up.
with Daemon(files=1024) as daemon:
    holders = [subprocess.Popen([sys.executable, "-c",
                                 f"import socket,time\nk=[]\nfor i in range(700):\n  try: k.append(socket.create_connection(('127.0.0.1',{daemon.port}),timeout=2))\n"
                                 "  except OSError: break\nprint(len(k),flush=True)\ntime.sleep(60)"], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    held = [one.stdout.readline().strip() for one in holders]
    used = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
    expect("files are left for everything else", used < 1024 - 100, used)
    expect("the emergency stop gets through", daemon.ask("POST", "/api/v1/stop", {"reason": "now"}, Authorization=f"Bearer {stopper}")[0] == 200)
    expect("and so does everybody else", daemon.ask("GET", "/api/v1/status", Authorization=f"Bearer {reader}")[0] == 200)
    for one in holders:
        one.kill()
        one.wait()

hostile = "eve\x1b]0;x\x07\u009b31m\u202e"
account = {"id": "9", "username": hostile, "acct": hostile, "display_name": hostile, "url": "https://x.example/@e"}
post = {"id": "99", "created_at": "2026-07-01T09:00:00Z", "content": f"<p>hello {hostile}</p>", "visibility": "public", "replies_count": 0,
        "reblogs_count": 0, "favourites_count": 0, "account": account, "tags": [{"name": f"tag{hostile}"}], "uri": "https://x.example/99"}
lines = [json.dumps({"event": "update", "payload": post}), json.dumps({"event": "status.update", "payload": {**post, "edited_at": "2026-07-01T10:00:00Z", "content": f"<p>{hostile}</p>"}}), "no json" + hostile]
run("import", "events", "-", "--instance", "https://x.example", given="\n".join(lines) + "\n")
for words in (["posts", "list"], ["posts", "show", "99"], ["posts", "edits"], ["hashtags", "trending", "--at", "2026-07-01T10:00:00Z"], ["events", "list"],
              ["events", "list", "--failed"], ["domains", "--hours", "8760"], ["account", "list"], ["posts", "list", "--query", hostile], ["user", "list"], ["audit", "list"]):
    done = run(*words)
    steering = sorted({f"U+{ord(c):04X}" for c in done.stdout + done.stderr
                       if (ord(c) < 32 and c not in "\n\t") or 0x7f <= ord(c) < 0xa0 or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"})
    expect(f"linnet {words[0]} {words[1]} steers no terminal", not steering, steering)
shown = run("--json", "posts", "show", "99").stdout
expect("JSON stays as it is", json.loads(shown)["author"]["acct"].startswith("eve\x1b]0;x\x07\u009b31m") if shown else False, shown)

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
