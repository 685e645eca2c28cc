"""Two daemons work on one PostgreSQL, and either is killed again and again.

  kill_two.py LINNET KILLS ACTIONS FOLDER POSTGRES

The server is the fake Mastodon, with a stream of posts and five accounts that act. Prints what it found; the exit status is 0 if
each post stands once in the log, each action took effect once, the audit trail is whole, nothing waited longer than ten
seconds, and a listener of each daemon sees every post in the end.
"""
import asyncio
import collections
import datetime
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import aiohttp

linnet, kills, actions, folder, database = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
randomness = random.Random(3)
names = ["alice", "bob", "cleo", "dora", "eli"]
per_life = 1.5  # seconds
longest_wait = 10
wrong = []


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


fake = subprocess.Popen([sys.executable, "test/fakes/mastodon/server.py", "--recordings", "none", "--seed", "5", "--port-file",
                         f"{folder}/port", "--exit-with-stdin", "--heartbeat", "1", "--limits", json.dumps(
                             {kind: {"limit": 1000000} for kind in ("api", "post", "delete", "media", "apps")})],
                        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
while not os.path.exists(f"{folder}/port"):
    time.sleep(0.05)
ports = json.load(open(f"{folder}/port"))
server = f"http://127.0.0.1:{ports['port']}"


def ask(address, body=None, method=None, token=None):
    request = urllib.request.Request(address, method=method, data=None if body is None else json.dumps(body).encode())
    if body is not None:
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def control(path, body=None, method=None):
    return ask(f"http://127.0.0.1:{ports['control_port']}/_control/{path}", body, method)


def psql(text):
    done = subprocess.run(["psql", "-X", "-At", database, "-c", text], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"psql: {done.stderr.strip()}")
    return [line.split("|") for line in done.stdout.splitlines()]


class Daemon:
    """One of the two: a data folder of its own, and the key of both."""

    def __init__(self, name):
        self.name = name
        self.folder = f"{folder}/{name}"
        os.makedirs(self.folder, exist_ok=True)
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None

    def run(self, *words, token=None):
        environment = dict(os.environ, **({"LINNET_TOKEN": token} if token else {}))
        done = subprocess.run([linnet, "--quiet", "--json", "--data", self.folder, "--db", database, *words], capture_output=True,
                              text=True, env=environment, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise SystemExit(f"linnet {' '.join(words[:3])}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip().startswith(("{", "[")) else None

    def start(self, **environment):
        self.process = subprocess.Popen([linnet, "--quiet", "--data", self.folder, "--db", database, "serve", "--port", str(self.port)],
                                        stdout=subprocess.DEVNULL, stderr=open(f"{self.folder}/log", "a"), env=dict(os.environ, **environment))

    def wait(self):
        for _ in range(1500):
            try:
                ask(f"{self.base}/readyz")
                return
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"{self.name} ended: {open(self.folder + '/log').read()[-600:]}")
                time.sleep(0.01)
        raise SystemExit(f"{self.name} does not answer")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.terminate()
        return self.process.wait(60)


def server_posts():
    """Every post of the local timeline, with its time."""
    posts, max_id = {}, None
    while True:
        page = ask(f"{server}/api/v1/timelines/public?local=true&limit=40" + (f"&max_id={max_id}" if max_id else ""),
                   token="test-token-alice")
        if not page:
            return posts
        posts.update({status["id"]: status["created_at"] for status in page})
        max_id = page[-1]["id"]


def until(probe, seconds, every=0.3):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if probe():
            return True
        time.sleep(every)
    return bool(probe())


def published(at):
    """In seconds since 1970."""
    return datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def logged():
    return {id: (int(count), int(first)) for id, count, first in
            psql("SELECT payload_status_id, count(*), min(received_at) FROM event_rows WHERE event_type = 'update' GROUP BY 1")}


async def listen_on_both(daemons, publish):
    """The ids of the posts that a listener of each is told of, while `publish` runs and a while after."""
    told = {daemon.name: set() for daemon in daemons}
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(f"{daemon.base}/api/v1/live") for daemon in daemons]

        async def hear(daemon, heard):
            async for message in heard:
                said = json.loads(message.data)
                if said.get("type") == "post":
                    told[daemon.name].add(said["post"]["id"])

        hearing = [asyncio.create_task(hear(daemon, heard)) for daemon, heard in zip(daemons, sockets)]
        expected = await asyncio.get_running_loop().run_in_executor(None, publish)
        for _ in range(100):
            if all(expected <= ids for ids in told.values()):
                break
            await asyncio.sleep(0.1)
        for task in hearing:
            task.cancel()
    return expected, told


# --- two that work together

two = [Daemon("one"), Daemon("two")]
free_of_limits = json.dumps({"rateLimit": {"likesPerHour": 1000, "postsPerHour": 100}, "warmUp": False,
                             "autoApprove": {"posts": True, "likes": True}, "cooldown": {"afterLike": 0, "afterPost": 0}})
for name in names:
    control("account", {"acct": name})
    two[0].run("account", "add", "mastodon", server, "--token", "--act", "--stream", "public:local", token=f"test-token-{name}")
    two[0].run("account", "settings", name, "--set", free_of_limits)
liked = control("publish", {"account": "carol@remote.example", "text": "Like me", "times": actions // 2, "stream": False})["ids"]

stranger = Daemon("stranger")
stranger.start(LINNET_KEY="ab" * 32)
stranger.process.wait(60)
if stranger.process.returncode == 0 or "another" not in open(stranger.folder + "/log").read():
    wrong.append(f"one with another key: {stranger.process.returncode}, {open(stranger.folder + '/log').read()[-300:]}")

shutil.copy(f"{two[0].folder}/secret.key", two[1].folder)
for daemon in two:
    daemon.start()
for daemon in two:
    daemon.wait()

begin = time.time() + 3 + actions * 0.02
span = kills * per_life
for number in range(actions):
    due = datetime.datetime.fromtimestamp(begin + span * number / actions, datetime.timezone.utc).isoformat()
    if number % 2 == 0:
        two[0].run("action", "do", "like", "--post", liked[number // 2], "--account", names[number % 5], "--at", due, "--approve")
    else:
        ask(f"{two[number // 2 % 2].base}/api/v1/actions", {"type": "publish", "text": f"Post number {number}", "account": names[number % 5],
                                                                  "due_at": due, "approve": True})

control("traffic", {"rate": 20, "seconds": 3600, "seed": 3, "mix": {"update": 1}})
while time.time() < begin:
    time.sleep(0.05)
for number in range(kills):
    victim = randomness.choice(two)
    time.sleep(randomness.uniform(0.2, 2 * per_life - 0.2))
    victim.kill()
    time.sleep(randomness.choice([0, 0, 0.3, 1, 6]))
    victim.start()
    victim.wait()
control("traffic", method="DELETE")

# --- what came of it

expected = server_posts()
until(lambda: set(expected) <= set(logged()), 20)
found = []


def all_done():
    global found
    found = two[0].run("action", "list", "--limit", str(actions + 10))
    return not any(item["status"] in ("pending", "in_progress", "unknown") for item in found)


until(all_done, 900, 1)
in_log = logged()
missing = [id for id in expected if id not in in_log]
# Posts of the time before are an hour old, and come again as their counts are polled.
streamed = {id for id, at in expected.items() if published(at) > begin}
doubled = {id: count for id, (count, _) in in_log.items() if count > 1 and id in streamed}
if missing:
    wrong.append(f"{len(missing)} of {len(expected)} posts of the stream are missing: {missing[:3]}")
if doubled:
    wrong.append(f"{len(doubled)} posts stand more than once in the log: {list(doubled.items())[:3]}")
until(lambda: psql("SELECT (SELECT position FROM projection_marks WHERE name = 'tables') >= (SELECT last_event_id FROM event_log_head)")
      == [["t"]], 15)
in_tables = {row[0] for row in psql("SELECT id FROM posts")}
if not set(expected) <= in_tables:
    wrong.append(f"{len(set(expected) - in_tables)} posts are not in the tables")
seen_after = [in_log[id][1] / 1e6 - published(expected[id]) for id in streamed if id in in_log]
if seen_after and max(seen_after) > longest_wait:
    wrong.append(f"a post was seen {max(seen_after):.1f} s after it was published")

effects = control("effects")["statuses"]
likes = {status: ask(f"{server}/api/v1/statuses/{status}", token="test-token-alice")["favourites_count"] for status in liked}
for item in found:
    made = effects.get(item["input"]["text"], 0) if item["action_type"] == "publish" else likes[item["target_id"]]
    if item["status"] != "success" or made != 1:
        wrong.append(f"{item['id']} is {item['status']} and took effect {made} times: {item['error']}")
if len(found) != actions:
    wrong.append(f"{actions} were asked for, {len(found)} are there")
late = psql("SELECT max(sent_at - planned_at) FROM action_attempts WHERE sent_at IS NOT NULL")
late = int(late[0][0] or 0) / 1e6
if late > longest_wait:
    wrong.append(f"an action was sent {late:.1f} s after it was due")
shares = {row[0][:8]: int(row[1]) for row in psql("SELECT worker, count(*) FROM action_attempts WHERE worker IS NOT NULL GROUP BY 1")}
if len(shares) < 2:
    wrong.append(f"one did all the work: {shares}")
audit = two[1].run("audit", "verify")
if not audit["is_whole"]:
    wrong.append(f"the audit trail: {audit['problem']}")


def publish():
    ids = set()
    for number in range(30):
        ids |= set(control("publish", {"account": "bob", "text": f"live {number}"})["ids"])
        time.sleep(0.05)
    return ids


live, told = asyncio.run(listen_on_both(two, publish))
for name, ids in told.items():
    if not live <= ids:
        wrong.append(f"a listener of {name} was told of {len(live & ids)} of {len(live)} posts")
for daemon in two:
    if daemon.end() != 0:
        wrong.append(f"{daemon.name} did not end well")
checked = two[0].run("db", "check")
if checked and any(check["differing"] for check in checked["checks"]):
    wrong.append(f"db check: {[check for check in checked['checks'] if check['differing']]}")

tries = collections.Counter(item["tries"] for item in found)
print(f"{kills} kills, {len(expected)} posts, seen within {max(seen_after, default=0):.1f} s, {len(found)} actions, sent within {late:.1f} s, "
      f"tries {dict(sorted(tries.items()))}, {len(shares)} lives shared them, {audit['rows']} audit rows" + "".join("\n  " + line for line in wrong[:10]))
if wrong:
    for daemon in two:
        print(f"--- the log of {daemon.name}:\n" + open(f"{daemon.folder}/log").read()[-2000:], file=sys.stderr)
fake.stdin.close()
sys.exit(1 if wrong else 0)
