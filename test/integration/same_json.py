"""Each list and show: the command's --json beside the API's answer, on the same data. Called by same_json.sh."""
import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from fake_mastodon import FakeMastodon

linnet, folder = sys.argv[1:]
passed = failed = 0
HERE = "https://social.example"
ADA = {"id": "7", "username": "ada", "acct": "ada", "display_name": "Ada", "url": f"{HERE}/@ada", "followers_count": 3}


def expect(what, holds, *more):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL", what, *more)


def run(*words, given=""):
    done = subprocess.run([linnet, "--quiet", "--json", "--data", folder, *words], input=given, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"linnet {' '.join(words)}: {done.stderr}\n{passed} passed, {failed + 1} failed")
    return done.stdout


def told(*words):
    lines = [json.loads(line) for line in run(*words).splitlines() if line.strip()]
    return lines[0] if len(lines) == 1 else lines


def listed(*words):
    """A list, also one that is printed a line each."""
    return [json.loads(line) for line in run(*words).splitlines() if line.strip()]


def difference(one, other, path=""):
    """Where they part, for people; None: nowhere."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {*one, *other}:
            if name not in one or name not in other:
                return f"{path}.{name} is only in {'the API' if name in other else 'the command'}"
            if found := difference(one[name], other[name], f"{path}.{name}"):
                return found
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return next((found for i, (a, b) in enumerate(zip(one, other)) if (found := difference(a, b, f"{path}[{i}]"))), None)
    return None if one == other and type(one) is type(other) else f"{path}: {json.dumps(one)[:120]} and {json.dumps(other)[:120]}"


def status(number, html, edited=None, tags=(), **more):
    return {"id": str(number), "created_at": "2026-08-01T10:00:00Z", "edited_at": edited, "content": html, "url": f"{HERE}/@ada/{number}",
            "replies_count": 0, "reblogs_count": 0, "favourites_count": 0, "account": ADA,
            "tags": [{"name": tag, "url": f"{HERE}/tags/{tag}"} for tag in tags], **more}


EVENTS = [
    ("2026-08-01T10:00:00Z", "update", status(1, "<p>A quiet harbour</p>", tags=("harbour", "books"), language="en")),
    ("2026-08-01T10:10:00Z", "status.update", status(1, "<p>A loud harbour</p>", edited="2026-08-01T10:10:00Z", tags=("harbour", "books"), language="en")),
    ("2026-08-01T10:20:00Z", "status.update", {**status(1, "<p>A loud harbour</p>", edited="2026-08-01T10:10:00Z", tags=("harbour", "books"), language="en"), "favourites_count": 90}),
    ("2026-08-01T10:30:00Z", "update", status(2, "<p>An answer</p>", in_reply_to_id="1", tags=("books",), poll={
        "options": [{"title": "Red", "votes_count": 1}], "votes_count": 1, "multiple": False, "expired": False, "expires_at": None})),
    ("2026-08-01T10:40:00Z", "update", status(3, "<p>A picture</p>", media_attachments=[
        {"id": "m", "type": "image", "url": f"{HERE}/m.png", "preview_url": None, "description": "a boat"}])),
]


class Daemon:
    def __enter__(self):
        self.process = subprocess.Popen([linnet, "--quiet", "--data", folder, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.base = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.base}/api/v1{path}", data=data), timeout=30) as answer:
            return json.loads(answer.read())


def compare(daemon, words, path, printed=None, least=1):
    answer = daemon.ask(path)
    answer = answer["items"] if isinstance(answer, dict) and "items" in answer else answer
    printed = told(*words) if printed is None else printed
    name = " ".join(words)
    found = difference(printed, answer)
    expect(f"linnet {name} --json is {path}: {found}", found is None)
    expect(f"linnet {name} has something to compare", not isinstance(answer, list) or len(answer) >= least)
    return answer


run("import", "events", "-", "--instance", HERE,
    given="".join(json.dumps({"received_at": at, "event": kind, "payload": payload}) + "\n" for at, kind, payload in EVENTS) + '{"event":"update","payload":7}\n')
run("user", "add", "root", "--role", "admin", "--no-password")
run("token", "create", "root", "--name", "reports", "--scope", "read")
run("block", "add", "domain", "spam.example", "--because", "spam")
run("summaries", "make", "2026-08-01")
with FakeMastodon("--recordings", "none", "--seed", "1") as fake, Daemon() as daemon:
    account = daemon.ask("/accounts", {"platform": "mastodon", "address": fake.base, "secret": "test-token-alice"})["id"]
    daemon.ask("/consents", {"user_id": "ada@social.example", "evidence": "she said so"})
    daemon.ask("/actions", {"type": "publish", "account": account, "text": "Good morning"})
    one = daemon.ask("/posts?author=ada")["items"]
    instance = next(post["instance_id"] for post in one if post["id"] == "1")
    compare(daemon, ["posts", "list"], "/posts", least=3)
    compare(daemon, ["posts", "show", "1"], f"/posts/{instance}/1")
    compare(daemon, ["posts", "show", "2"], f"/posts/{instance}/2")
    at = "2026-08-01T11:00:00Z"
    compare(daemon, ["posts", "velocity", "--at", at, "--min", "10"], f"/posts/velocity?min=10&at={at}")
    compare(daemon, ["posts", "edits"], "/posts/edits")
    compare(daemon, ["posts", "thread", str(instance), "2"], f"/posts/{instance}/2/thread", least=2)
    compare(daemon, ["hashtags", "trending", "--at", at, "--min-posts", "1"], f"/hashtags/trending?min_posts=1&at={at}")
    compare(daemon, ["hashtags", "list"], "/hashtags", least=2)
    compare(daemon, ["hashtags", "show", "books", "--at", at, "--hours", "3"], f"/hashtags/books?hours=3&at={at}")
    compare(daemon, ["hashtags", "related", "books", "--window", "8760h"], "/hashtags/books/related?window=8760h")
    compare(daemon, ["domains", "--hours", "2160"], "/domains?hours=2160", least=0)
    compare(daemon, ["summaries", "list"], "/summaries?days=366")
    compare(daemon, ["summaries", "show", "2026-08-01"], "/summaries?date=2026-08-01")
    compare(daemon, ["watch", "servers"], "/instances")
    events = listed("events", "list")
    compare(daemon, ["events", "list"], "/events", events, least=5)
    compare(daemon, ["events", "list", "--failed"], "/events?failed=true", listed("events", "list", "--failed"))
    compare(daemon, ["events", "show", str(events[1]["id"])], f"/events/{events[1]['id']}")
    for _ in range(100):  # what serve does by the clock comes to rest
        jobs = daemon.ask("/jobs?alive=true")["items"]
        if all(job["state"] != "running" for job in jobs):
            break
        time.sleep(0.2)
    compare(daemon, ["job", "list"], "/jobs?alive=true")
    compare(daemon, ["job", "show", jobs[0]["id"]], f"/jobs/{jobs[0]['id']}")
    compare(daemon, ["job", "kinds"], "/job-kinds", least=10)
    compare(daemon, ["account", "list"], "/accounts")
    action = compare(daemon, ["action", "list"], "/actions")[0]["id"]
    compare(daemon, ["action", "show", action], f"/actions/{action}")
    compare(daemon, ["approvals"], "/approvals")
    compare(daemon, ["audit", "list", "--limit", "50"], "/audit", least=3)
    compare(daemon, ["audit", "verify"], "/audit/verify")
    compare(daemon, ["block", "list"], "/blocklist")
    compare(daemon, ["consent", "list"], "/consents")
    compare(daemon, ["platform", "list"], "/platforms", least=2)
    compare(daemon, ["platform", "show", "mastodon"], "/platforms/mastodon")
    compare(daemon, ["platform", "credential", "list", "mastodon"], "/platforms/mastodon/credentials", least=0)
    compare(daemon, ["user", "list"], "/users")
    compare(daemon, ["token", "list"], "/tokens")
    address = urllib.parse.quote("ada@social.example")
    compare(daemon, ["person", "erase", "ada@social.example", "--dry-run"], f"/persons/erasure?address={address}")
    record, answer = told("person", "export", "ada@social.example"), daemon.ask(f"/persons/record?address={address}")
    for kept in (record, answer):
        kept.pop("exported_at")
        kept.pop("audit")  # each of the two adds a row
    expect("person export is /persons/record", not difference(record, answer), difference(record, answer))
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
