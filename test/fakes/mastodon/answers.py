"""Parameters in, JSON out: how Mastodon reads requests and words its errors."""
import email.parser
import email.policy
import hashlib
import json
import urllib.parse

from aiohttp import web

NOT_FOUND = "Record not found"
NO_ROUTE = "Not Found"
BAD_TOKEN = "The access token is invalid"
NEEDS_USER = "This method requires an authenticated user"
BAD_SCOPE = "This action is outside the authorized scopes"
TOO_MANY = "Too many requests"
UNAVAILABLE = "There was a temporary problem serving your request, please try again"
ERROR_TEXTS = {400: "Bad request", 401: BAD_TOKEN, 403: "This action is not allowed", 404: NOT_FOUND,
               410: "Gone", 422: "Validation failed: Text can't be blank", 429: TOO_MANY,
               500: "Internal Server Error", 502: "Bad Gateway", 503: UNAVAILABLE}


class ApiError(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status
        self.body = {"error": text}


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer(value, status=200, headers=None):
    return web.Response(text=dump(value), status=status, headers=headers, content_type="application/json",
                        charset="utf-8")


def error(status, text=None):
    return answer({"error": text or ERROR_TEXTS.get(status, "Error")}, status)


class Params:
    """Query and body as one list of (name, value), with Rails' `name[]` and `a[b]` spellings."""

    def __init__(self, pairs):
        self.pairs = pairs

    def all(self, name):
        return [v for k, v in self.pairs if k in (name, name + "[]")]

    def get(self, name, default=None):
        found = self.all(name)
        return found[-1] if found else default

    def has(self, name):
        return bool(self.all(name))

    def flag(self, name):
        return str(self.get(name, "")).lower() in ("1", "true", "on", "yes", "t")

    def number(self, name, default):
        try:
            return abs(int(self.get(name, default)))
        except (TypeError, ValueError):
            return 0


def flatten(value, prefix=""):
    """A JSON body as the pairs a form would have had."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, f"{prefix}[{key}]" if prefix else key)
    elif isinstance(value, list):
        for inner in value:
            yield from flatten(inner, prefix + "[]")
    elif value is not None:
        yield prefix, ("true" if value else "false") if isinstance(value, bool) else str(value)


def read_multipart(content_type, raw):
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + raw)
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True) or b""
        if part.get_filename() is not None:
            yield name, part.get_filename()
            yield name + ".type", part.get_content_type()
            yield name + ".sha256", hashlib.sha256(data).hexdigest()
        else:
            yield name, data.decode("utf-8", "replace")


async def read_params(request):
    if "params" in request:
        return request["params"]
    pairs = urllib.parse.parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
    raw = await request.read() if request.body_exists else b""
    kind = request.headers.get("Content-Type", "")
    try:
        if raw and "json" in kind:
            body = json.loads(raw)
            pairs += flatten(body) if isinstance(body, dict) else []
        elif raw and kind.startswith("multipart/"):
            pairs += read_multipart(kind, raw)
        elif raw:
            pairs += urllib.parse.parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
    except ValueError as problem:
        raise ApiError(400, "Error occurred while parsing request parameters") from problem
    request["params"] = Params(pairs)
    return request["params"]


def link_header(base_url, path, params, keep, links):
    """`links` is [(rel, {"max_id": …})]; `keep` names the parameters of the request that go along."""
    kept = [(k, v) for k, v in params.pairs if k.removesuffix("[]") in keep]
    parts = []
    for rel, extra in links:
        query = urllib.parse.urlencode(sorted(kept + list(extra.items()), key=lambda pair: pair[0]))
        parts.append(f'<{base_url}{path}?{query}>; rel="{rel}"')
    return ", ".join(parts)
