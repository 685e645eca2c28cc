"""A daemon that follows a server's stream is killed again and again: in the end it has what the server has.

  kill_connected.py LINNET KILLS linnet-options…

The server is the fake Mastodon. The account is added while the daemon runs, which must take it up by itself. Prints what
it found; the exit status is 0 if no post is missing, too many or different.
"""
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

linnet, kills = sys.argv[1], int(sys.argv[2])
options = sys.argv[3:]
randomness = random.Random(1)
with socket.socket() as free:  # a port that nobody has
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


def fake_python():
    for candidate in ("python3", "/usr/bin/python3"):
        if subprocess.run([candidate, "-c", "import aiohttp"], capture_output=True).returncode == 0:
            return candidate
    sys.exit("no Python with aiohttp: apt install python3-aiohttp")


work = tempfile.mkdtemp()
fake = subprocess.Popen([fake_python(), "test/fakes/mastodon/server.py", "--recordings", "none", "--seed", "5", "--port-file",
                         f"{work}/port", "--exit-with-stdin", "--heartbeat", "1",
                         "--limits", '{"api":{"limit":1000000}}'], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
while not os.path.exists(f"{work}/port"):
    time.sleep(0.05)
ports = json.load(open(f"{work}/port"))
server = f"http://127.0.0.1:{ports['port']}"


def control(path, body=None, method=None):
    request = urllib.request.Request(f"http://127.0.0.1:{ports['control_port']}/_control/{path}", method=method,
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def ask(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
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


def server_posts():
    """Every post of the public timeline, newest first."""
    posts, max_id = {}, None
    while True:
        url = f"{server}/api/v1/timelines/public?limit=40" + (f"&max_id={max_id}" if max_id else "")
        request = urllib.request.Request(url, headers={"Authorization": "Bearer test-token-alice"})
        with urllib.request.urlopen(request) as answer:
            page = json.load(answer)
        if not page:
            return posts
        posts.update({status["id"]: status["content"] for status in page})
        max_id = page[-1]["id"]


def daemon_posts():
    posts, cursor = {}, ""
    while True:
        page = ask(f"/api/v1/posts?limit=100&instance={server}" + (f"&cursor={cursor}" if cursor else ""))
        for post in page["items"]:
            posts[post["id"]] = post["content_html"]
        cursor = page["next"]
        if not cursor:
            return posts


daemon = start()
environment = dict(os.environ, LINNET_TOKEN="test-token-alice")
subprocess.run([linnet, "--quiet", *options, "account", "add", "mastodon", server, "--token"], check=True, env=environment,
               stdout=subprocess.DEVNULL)
for _ in range(100):
    if ask("/api/v1/connectors")["items"]:
        break
    time.sleep(0.1)
else:
    sys.exit("the daemon did not take up the account that was added")

control("traffic", {"rate": 40, "seconds": 600, "seed": 3, "mix": {"update": 1}})
for _ in range(kills):
    time.sleep(randomness.uniform(0.3, 1.2))
    daemon.kill()
    daemon.wait()
    daemon = start()
time.sleep(1)
control("traffic", method="DELETE")
expected = server_posts()
missing = expected
for _ in range(100):
    posts = daemon_posts()
    missing = [id for id in expected if id not in posts]
    if not missing:
        break
    time.sleep(0.3)
extra = [id for id in posts if id not in expected]
bare = lambda html: re.sub(r"<[^>]*>|\s", "", html)  # the API's HTML is sanitised
different = [id for id in expected if id in posts and bare(posts[id]) != bare(expected[id])]
daemon.terminate()
daemon.wait()
fake.stdin.close()
fake.wait()
print(f"{len(expected)} posts on the server, {len(missing)} missing, {len(extra)} too many, {len(different)} different "
      f"after {kills} kills")
sys.exit(0 if expected and not missing and not extra and not different else 1)
