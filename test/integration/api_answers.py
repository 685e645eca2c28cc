"""Asks every GET route of the OpenAPI document, then the ways to ask wrongly. Called by api_answers.sh."""
import json
import sys
import time
import urllib.error
import urllib.request

base = sys.argv[1]
passed = failed = 0


def ask(path, method="GET", headers=None, body=None):
    request = urllib.request.Request(base + path, method=method, headers=headers or {}, data=body)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def expect(what, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print("ok  " if holds else "FAIL", what)


status, _, said = ask("/api/v1/resume", "POST", body=b'{"reason": "it is over"}')
expect("what is not read is not passed over", status == 400 and "reason" in said)
expect("an empty object is nothing", ask("/api/v1/resume", "POST", body=b" {} ")[0] == 200)

document = json.loads(ask("/api/openapi.json")[2])
post = json.loads(ask("/api/v1/posts?limit=1")[2])["items"][0]
tag = json.loads(ask("/api/v1/hashtags?limit=1")[2])["items"][0]["name"]
day = post["created_at"][:10]
status, _, asked = ask("/api/v1/summaries", "POST", body=json.dumps({"date": day}).encode())
expect("a day is summarised by a job", status == 202)
for _ in range(300):
    job = json.loads(ask("/api/v1/jobs/" + json.loads(asked)["job"])[2])
    if job["state"] in ("done", "failed", "cancelled"):
        break
    time.sleep(0.1)
expect("which says what it made", job["state"] == "done" and job["result"]["date"] == day)
made = ask(f"/api/v1/summaries?date={day}")[2]
expect("and the day is there", any(s["date"] == day and s["input_stats"]["posts"] > 0 for s in json.loads(made)["items"]))
status, _, refused = ask("/api/v1/summaries", "POST", body=b'{"date": "2026-13-01"}')
expect("a day that is none is refused naming date", status == 400 and json.loads(refused)["detail"].startswith("date"))
event = {"received_at": "2026-08-01T10:00:00Z", "event": "update", "payload": {
    "id": "1", "created_at": "2026-08-01T10:00:00Z", "content": "<p>handed in</p>", "replies_count": 0, "reblogs_count": 0,
    "favourites_count": 0, "account": {"id": "1", "username": "ada", "acct": "ada"}}}
status, _, taken = ask("/api/v1/events?instance=https://handed.example", "POST", body=json.dumps(event).encode())
expect("events are taken", status == 201 and json.loads(taken)["taken"] == 1)
for _ in range(50):
    found = json.loads(ask("/api/v1/posts?instance=https://handed.example")[2]).get("items", [])
    if found:
        break
    time.sleep(0.1)
expect("an event that was taken is a post soon after", len(found) == 1 and found[0]["content_text"] == "handed in")
expect("an empty body is refused", ask("/api/v1/events?instance=https://handed.example", "POST", body=b"\n")[0] == 400)


def is_of_empty_list(path):
    """The sample data has no drafts, say: /api/v1/drafts is empty, and there is nothing to show at /api/v1/drafts/{name}."""
    above = path.partition("/{")[0]
    return above != path and "get" in document["paths"].get(above, {}) and json.loads(ask(above)[2]).get("items") == []


for path, operations in document["paths"].items():
    if "get" not in operations or "/jobs/" in path:
        continue
    event = "/events/" in path
    real = path.replace("{instance_id}", str(post["instance_id"])).replace(
        "{name}", "bluesky" if "/platforms/" in path else tag)
    real = real.replace("{id}", "1" if event else post["id"]).replace("{n}", "0")
    status, headers, body = ask(real)
    if path == "/api/v1/blocklist/export":
        expect(f"GET {path} asks which kind", status == 400 and json.loads(body)["detail"].startswith("kind: "))
        status, headers, body = ask(f"{real}?kind=domains")
        expect("domains are given as a CSV file to save", status == 200 and headers["Content-Type"] == "text/csv"
               and headers["Content-Disposition"].startswith("attachment") and body.startswith("#domain,"))
        expect("users too", ask(f"{real}?kind=users")[2].startswith("Account address"))
        continue
    if status == 404 and is_of_empty_list(path):
        expect(f"GET {path}", any(none in json.loads(body)["detail"] for none in ("there is none", "you have none")))
        continue
    if path.startswith("/api/v1/persons/"):
        expect(f"GET {path} asks whom", status == 400 and json.loads(body)["detail"].startswith("person: "))
        continue
    promised = operations["get"]["responses"]
    if "101" in promised:
        expect(f"GET {path} without a WebSocket", status == 426 and headers["Upgrade"] == "websocket")
        continue
    expect(f"GET {path} has the promised content", headers["Content-Type"] in promised[str(status)]["content"])
    if path == "/metrics":
        expect("figures for Prometheus", status == 200 and "linnet_http_requests_total" in body)
        continue
    expect(f"GET {path}", status == 200 and json.loads(body) is not None and headers["X-Content-Type-Options"] == "nosniff")

for path, field in (("/api/v1/posts?limit=0", "limit"), ("/api/v1/posts?since=yesterday", "since"), ("/api/v1/posts?bogus=1", "bogus"),
                    ("/api/v1/posts?cursor=x", "cursor"), ("/api/v1/hashtags/trending?method=magic", "method"),
                    ("/api/v1/posts/velocity?window=soon", "window"), ("/api/stats/hourly?hours=999", "hours"),
                    ("/api/v1/posts?instance=https://nowhere.example", "instance")):
    status, headers, body = ask(path)
    problem = json.loads(body)
    expect(f"{path} is refused naming {field}", status in (400, 404) and problem["detail"].startswith(field) and problem["status"] == status)
for there in ("drafts/%ff", "drafts/a%00b", "jobs?kind=%ff", "posts?tag=%00"):
    expect(f"text that is none is refused by either database: {there}", ask(f"/api/v1/{there}")[0] == 400)
expect("an unknown address is 404", ask("/api/v1/nothing")[0] == 404)
status, headers, _ = ask("/api/v1/posts", "DELETE")
expect("a wrong method is 405 with Allow", status == 405 and headers["Allow"])
expect("a page of another site cannot start a replay", ask("/api/v1/events/replay", "POST", {"Origin": "https://evil.example"})[0] == 403)
expect("another host's name is not answered", ask("/api/v1/status", headers={"Host": "evil.example"})[0] == 421)
page = ask("/posts/anything")
expect("the web app answers its own paths under a strict policy", page[0] == 200 and "default-src 'none'" in page[1]["Content-Security-Policy"])
first = json.loads(ask("/api/v1/posts?limit=5")[2])
second = json.loads(ask(f"/api/v1/posts?limit=5&cursor={first['next']}")[2])
ids = [p["id"] for p in first["items"] + second["items"]]
expect("pages follow each other without repeating", len(set(ids)) == 10)
for _ in range(100):  # the index follows behind
    if json.loads(ask("/api/v1/status")[2])["followers"]["search"]["lag"] < 50:
        break
    time.sleep(0.3)
found = json.loads(ask("/api/v1/posts?query=harbour&limit=3")[2])["items"]
expect("search finds what it is asked for", found and all("harbour" in (p["content_text"] + p["author"]["acct"]).lower() for p in found))
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
