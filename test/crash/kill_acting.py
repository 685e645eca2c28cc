"""A daemon that posts and likes is killed again and again, against a server that drops, delays and refuses: each action
takes effect exactly once, or is shown as failed with its reason.

  kill_acting.py LINNET KILLS ACTIONS linnet-options…

Prints what it found; the exit status is 0 if nothing is doubled, lost, or left without an outcome, and the audit trail is whole.
"""
import collections
import datetime
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

linnet, kills, actions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
options = sys.argv[4:]
randomness = random.Random(7)
names = ["alice", "bob", "cleo", "dora", "eli"]
per_life = 1.1  # seconds
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


def of_server(path, name):
    request = urllib.request.Request(server + path, headers={"Authorization": f"Bearer test-token-{name}"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def run(*words, token=None):
    environment = dict(os.environ, **({"LINNET_TOKEN": token} if token else {}))
    done = subprocess.run([linnet, "--quiet", "--json", *options, *words], capture_output=True, text=True, env=environment,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(f"linnet {' '.join(words[:3])}: {done.stderr.strip()}")
    return json.loads(done.stdout) if done.stdout.strip().startswith(("{", "[")) else None


free_of_limits = json.dumps({"rateLimit": {"likesPerHour": 1000, "postsPerHour": 100}, "warmUp": False,
                             "autoApprove": {"posts": True, "likes": True}, "cooldown": {"afterLike": 0, "afterPost": 0}})
for name in names:
    control("account", {"acct": name})
    run("account", "add", "mastodon", server, "--token", "--act", "--stream", "public:local", token=f"test-token-{name}")
    run("account", "settings", name, "--set", free_of_limits)
liked = control("publish", {"account": "carol@remote.example", "text": "Like me", "times": actions // 2, "stream": False})["ids"]

begin = time.time() + actions * 0.04 + 3
span = kills * per_life
for number in range(actions):
    due = datetime.datetime.fromtimestamp(begin + span * number / actions, datetime.timezone.utc).isoformat()
    name = names[number % len(names)]
    what = ["publish", "--text", f"Post number {number}"] if number % 2 else ["like", "--post", liked[number // 2]]
    run("action", "do", *what, "--account", name, "--at", due, "--approve")

for kind, extra in (("lost", {}), ("close", {}), ("late_error", {"status": 504}), ("status", {"status": 500}),
                    ("status", {"status": 429, "headers": {"Retry-After": "1"}}), ("slow", {"delay": 0.7})):
    control("fail", {"kind": kind, "share": 0.06, "count": -1, "path": "^/api/v1/(statuses|accounts)", **extra})


def start():
    return subprocess.Popen([linnet, "--quiet", *options, "serve", "--port", str(port)], stdout=subprocess.DEVNULL,
                            stderr=open(f"{work}/log", "a"))


while time.time() < begin:
    time.sleep(0.05)
for number in range(kills):
    daemon = start()
    # Now and then long enough for another's orphans to be taken over.
    time.sleep(4.5 if number % 25 == 24 else randomness.uniform(0.1, 2 * per_life - 0.1))
    daemon.kill()
    daemon.wait()

control("fail", method="DELETE")
daemon = start()
deadline = time.time() + 900  # what was never answered is believed lost only minutes after
while time.time() < deadline:
    found = run("action", "list", "--limit", str(actions + 10))
    states = collections.Counter(item["status"] for item in found)
    if not any(states[open_state] for open_state in ("pending", "in_progress", "unknown")):
        break
    time.sleep(1)
daemon.terminate()
daemon.wait()

posts = collections.Counter()
for name in names:
    who = of_server("/api/v1/accounts/verify_credentials", name)["id"]
    page = of_server(f"/api/v1/accounts/{who}/statuses?limit=40", name)
    while page:
        posts.update(re.sub("<[^>]*>", "", status["content"]) for status in page)
        page = of_server(f"/api/v1/accounts/{who}/statuses?limit=40&max_id={page[-1]['id']}", name)
likes = {status: of_server(f"/api/v1/statuses/{status}", "alice")["favourites_count"] for status in liked}

wrong = []
for item in found:
    made = posts[item["input"]["text"]] if item["action_type"] == "publish" else likes[item["target_id"]]
    if item["status"] == "success" and made != 1:
        wrong.append(f"{item['id']} succeeded and took effect {made} times")
    if item["status"] == "failed" and (made != 0 or not item["error"]):
        wrong.append(f"{item['id']} failed and took effect {made} times: {item['error']}")
    if item["status"] not in ("success", "failed"):
        wrong.append(f"{item['id']} is {item['status']}: {item['error']}")
if len(found) != actions:
    wrong.append(f"{actions} were asked for, {len(found)} are there")
audit = run("audit", "verify")
if not audit["is_whole"]:
    wrong.append(f"the audit trail: {audit['problem']}")
tries = collections.Counter(item["tries"] for item in found)
print(f"{kills} kills, {dict(states)}, tries {dict(sorted(tries.items()))}, {audit['rows']} audit rows"
      + "".join("\n  " + line for line in wrong[:10]))
fake.stdin.close()
sys.exit(1 if wrong else 0)
