"""Fills a world from recorded exchanges, and keeps them to be played back.

Recorded deletions are ignored: a post that was seen stays in the world, in the form it was last seen.
"""
import json
import os
import pathlib
import re
import urllib.parse

from world import HERE, TEMPLATES, Status, id_key, parse_iso

RECORDED_HOSTS = (("ws://localhost:4000", "ws://{host}"), ("http://localhost:3000", "http://{host}"),
                  ("http://localhost:4000", "http://{host}"), ('"localhost:3000"', '"{host}"'))
VIEWER_FIELDS = {"favourited", "reblogged", "muted", "bookmarked", "pinned", "filtered", "reblog", "account", "quote"}


def default_path():
    shared = os.environ.get("LINNET_SHARED")
    root = pathlib.Path(shared) if shared else HERE.parents[3] / "shared"
    return root / "data" / "mastodon" / "exchanges.jsonl"


def read(path):
    """The exchanges of a file; none when there is no such file."""
    path = pathlib.Path(path)
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def rewrite(text, host):
    for old, new in RECORDED_HOSTS:
        text = text.replace(old, new.format(host=host))
    return text


class Playback:
    """Recorded answers to GET, by path and query."""

    def __init__(self, exchanges, host):
        self.exact, self.by_path = {}, {}
        for exchange in exchanges:
            request, response = exchange["request"], exchange["response"]
            if request["method"] != "GET" or response["status"] != 200 and response["status"] != 404:
                continue
            parts = urllib.parse.urlsplit(request["uri"])
            path = parts.path.rstrip("/") or "/"
            if path.startswith("/api/v1/streaming/") and not path.endswith("/health"):
                continue
            kept = {"status": response["status"], "body": rewrite(response["body"], host),
                    "content_type": response["headers"].get("content-type", "application/json"),
                    "link": rewrite(response["headers"].get("link", ""), host)}
            self.exact[(path, self._query(parts.query))] = kept
            self.by_path[path] = kept

    @staticmethod
    def _query(query):
        return tuple(sorted(urllib.parse.parse_qsl(query, keep_blank_values=True)))

    def knows(self, path):
        return (path.rstrip("/") or "/") in self.by_path

    def find(self, path, query):
        path = path.rstrip("/") or "/"
        return self.exact.get((path, self._query(query))) or self.by_path.get(path)


def fill(target, exchanges):
    """Puts the recorded accounts and statuses into the world, each as it was last seen."""
    newest = None
    for exchange in exchanges:
        try:
            body = json.loads(rewrite(exchange["response"]["body"], target.host))
        except ValueError:
            continue
        for value in _objects(body):
            if "acct" in value and "username" in value and "created_at" in value and "id" in value:
                _keep_account(target, value)
            elif "visibility" in value and "account" in value and "content" in value:
                _keep_status(target, value)
        _keep_versions(target, exchange["request"], body)
    if target.id_style is not str:
        _restyle(target)
    for status in target.statuses.values():
        if not status.versions:
            status.versions.append(status.version())
        moment = parse_iso(status.fields["edited_at"] or status.fields["created_at"])
        newest = moment if newest is None or moment > newest else newest
    if newest is not None:
        target.not_before(newest)


def _objects(value):
    """Every JSON object inside, inner ones first, so that a boost finds what it boosts."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _objects(inner)
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _keep_account(target, value):
    account = dict(TEMPLATES["account"])
    account.update({k: v for k, v in value.items() if k in account})
    target.accounts[account["id"]] = account


def _keep_status(target, value):
    fields = json.loads(json.dumps(TEMPLATES["status"]))
    fields.update({k: v for k, v in value.items() if k in fields and k not in VIEWER_FIELDS})
    status = target.statuses.get(fields["id"])
    if status is None:
        status = Status(fields, value["account"]["id"], re.sub("<[^>]*>", "", fields["content"]))
        target.statuses[status.id] = status
        target.reserve(int(status.id))
    else:
        status.fields = fields
    status.pinned = status.pinned or value.get("pinned", False)
    if value.get("reblog"):
        status.reblog_of = value["reblog"]["id"]
    quoted = (value.get("quote") or {}).get("quoted_status")
    if quoted:
        status.quote = quoted["id"]


def _keep_versions(target, request, body):
    found = re.search(r"/statuses/(\d+)/history$", request["uri"])
    if found and found.group(1) in target.statuses and isinstance(body, list) and body:
        target.statuses[found.group(1)].versions = [{k: v for k, v in e.items() if k != "account"} for e in body]


def _restyle(target):
    """Gives every id the form another server software has, keeping their order."""
    style = target.id_style

    def new(identifier):
        return style(int(identifier)) if identifier else identifier

    target.accounts = {new(i): dict(a, id=new(i)) for i, a in target.accounts.items()}
    for status in target.statuses.values():
        for key in ("id", "in_reply_to_id", "in_reply_to_account_id"):
            status.fields[key] = new(status.fields[key])
        for mention in status.fields["mentions"]:
            mention["id"] = new(mention["id"])
        status.account_id, status.reblog_of = new(status.account_id), new(status.reblog_of)
        status.quote = new(status.quote)
    target.statuses = {s.id: s for s in sorted(target.statuses.values(), key=lambda s: id_key(s.id))}


def generate(target, count):
    """`count` made-up posts by alice, bob and carol@remote.example over the hours before now."""
    import datetime
    import render
    names = ("alice", "bob", "carol@remote.example")
    people = [target.find_account(name) or target.add_account(name) for name in names]
    words = ("morning", "coffee", "garden", "train", "release", "rain", "bread", "music", "photo", "library")
    tags = ("linnet", "birds", "cpp", "caturday", "climate")
    start = target.now() - datetime.timedelta(minutes=count + 1)
    for index in range(count):
        text = " ".join(target.random.choice(words) for _ in range(6)).capitalize() + "."
        if index % 3 == 0:
            text += f" #{target.random.choice(tags)}"
        body, found, mentions = render.render_text(target, text)
        target.add_status(people[index % 3]["id"], body, text, at=start + datetime.timedelta(minutes=index),
                          tags=found, mentions=mentions, favourites_count=target.random.randrange(30),
                          reblogs_count=target.random.randrange(10), replies_count=target.random.randrange(5))


__all__ = ["Playback", "default_path", "fill", "generate", "read", "rewrite"]
