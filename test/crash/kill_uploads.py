"""A daemon is killed again and again while the files of a post go out, one after the other: what was uploaded is not
uploaded again, and each post is there once, with its files.

  kill_uploads.py LINNET KILLS linnet-options…

Prints what it found; the exit status is 0 if nothing is doubled, lost, or uploaded needlessly.
"""
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

linnet, kills, options = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
slow = 0.8  # seconds that the server takes for a file
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


def fake_python():
    for candidate in ("python3", "/usr/bin/python3"):
        if subprocess.run([candidate, "-c", "import aiohttp"], capture_output=True).returncode == 0:
            return candidate
    sys.exit("no Python with aiohttp: apt install python3-aiohttp")


work = tempfile.mkdtemp()
fake = subprocess.Popen([fake_python(), "test/fakes/mastodon/server.py", "--recordings", "none", "--seed", "5", "--port-file",
                         f"{work}/port", "--exit-with-stdin", "--limits", json.dumps(
                             {kind: {"limit": 1000000} for kind in ("api", "post", "delete", "media", "apps")})],
                        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
while not os.path.exists(f"{work}/port"):
    time.sleep(0.05)
ports = json.load(open(f"{work}/port"))
server = f"http://127.0.0.1:{ports['port']}"


def control(path, body=None, method=None):
    request = urllib.request.Request(f"http://127.0.0.1:{ports['control_port']}/_control/{path}", method=method,
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def of_server(path):
    request = urllib.request.Request(server + path, headers={"Authorization": "Bearer test-token-alice"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def run(*words, token=None):
    environment = dict(os.environ, **({"LINNET_TOKEN": token} if token else {}))
    done = subprocess.run([linnet, "--quiet", "--json", *options, *words], capture_output=True, text=True, env=environment,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(f"linnet {' '.join(words[:3])}: {done.stderr.strip()}")
    return json.loads(done.stdout) if done.stdout.strip().startswith(("{", "[")) else None


def start():
    return subprocess.Popen([linnet, "--quiet", *options, "serve", "--port", str(port)], stdout=subprocess.DEVNULL,
                            stderr=open(f"{work}/log", "a"))


def until(probe, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if probe():
            return True
        time.sleep(0.05)
    return bool(probe())


def picture(number, part):
    path = f"{work}/{number}-{part}.png"
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + os.urandom(300_000))
    return path, hashlib.sha256(open(path, "rb").read()).hexdigest()


control("account", {"acct": "alice"})
run("account", "add", "mastodon", server, "--token", "--act", "--stream", "public:local", token="test-token-alice")
run("account", "settings", "alice", "--set", json.dumps(
    {"rateLimit": {"postsPerHour": 1000}, "warmUp": False, "autoApprove": {"posts": True}, "cooldown": {"afterPost": 0}}))
control("fail", {"kind": "slow", "delay": slow, "count": -1, "path": "^/api/v2/media$"})

wrong = []
for number in range(kills):
    (first, first_hash), (second, second_hash) = picture(number, 1), picture(number, 2)
    text = f"Pictures {number}"
    asked = run("action", "do", "publish", "--account", "alice", "--text", text, "--media", first, "--media", second, "--approve")
    os.unlink(first)  # what is to go out is Linnet's own copy
    os.unlink(second)
    daemon = start()
    uploads = lambda name: control("effects")["files"].get(name, 0)
    if not until(lambda: uploads(first_hash) == 1, 60):
        raise SystemExit(f"nothing is uploaded: {open(work + '/log').read()[-600:]}")
    time.sleep(slow / 2)  # its id is kept, and the other is on its way
    daemon.kill()
    daemon.wait()
    begun = time.monotonic()
    daemon = start()
    state = lambda: next(item for item in run("action", "list", "--limit", "200") if item["input"]["text"] == text)
    if not until(lambda: state()["status"] not in ("pending", "in_progress", "unknown"), 120):
        wrong.append(f"{text}: {state()['status']}: {state()['error']}")
    took = time.monotonic() - begun
    daemon.terminate()
    daemon.wait()
    if state()["status"] != "success":
        wrong.append(f"{text}: {state()['status']}: {state()['error']}")
    if uploads(first_hash) != 1 or not 1 <= uploads(second_hash) <= 2:
        wrong.append(f"{text}: its files were uploaded {uploads(first_hash)} and {uploads(second_hash)} times")
    if took > 30:
        wrong.append(f"{text}: it went on only after {took:.0f} seconds")

who = of_server("/api/v1/accounts/verify_credentials")["id"]
found, page = [], of_server(f"/api/v1/accounts/{who}/statuses?limit=40")
while page:
    found += page
    page = of_server(f"/api/v1/accounts/{who}/statuses?limit=40&max_id={page[-1]['id']}")
for number in range(kills):
    made = [status for status in found if re.sub("<[^>]*>", "", status["content"]) == f"Pictures {number}"]
    if len(made) != 1 or len(made[0]["media_attachments"]) != 2:
        wrong.append(f"Pictures {number} is there {len(made)} times, with {[len(one['media_attachments']) for one in made]} files")
audit = run("audit", "verify")
if not audit["is_whole"]:
    wrong.append(f"the audit trail: {audit['problem']}")
print(f"{kills} kills between the upload and the post, {len(found)} posts" + "".join("\n  " + line for line in wrong[:10]))
fake.stdin.close()
sys.exit(1 if wrong else 0)
