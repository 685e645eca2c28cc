"""Accounts, following, lists, and what the server says about itself."""
import copy
import json

from aiohttp import web

import oauth
from answers import NO_ROUTE, NOT_FOUND, ApiError, answer, read_params
from world import TEMPLATES


def find(request):
    account = request.app["world"].accounts.get(request.match_info["id"])
    if account is None and request.app["playback"].knows(request.path):
        raise web.HTTPNotFound()  # Not an id but the name of a recorded route.
    if account is None:
        raise ApiError(404, NOT_FOUND)
    return account


async def verify_credentials(request):
    account = request.app["world"].accounts[oauth.user(request, "read:accounts")]
    source = dict(copy.deepcopy(TEMPLATES["credentials"]["source"]), note=account["note"], fields=account["fields"])
    out = {}
    for key, value in account.items():
        if key == "emojis":
            out["source"] = source
        out[key] = value
    out["role"] = TEMPLATES["credentials"]["role"]
    return answer(out)


async def show(request):
    oauth.viewer(request, "read:accounts")
    return answer(find(request))


async def lookup(request):
    params = await read_params(request)
    account = request.app["world"].find_account(params.get("acct", ""))
    if account is None:
        raise ApiError(404, NOT_FOUND)
    return answer(account)


async def batch(request):
    params = await read_params(request)
    known = request.app["world"].accounts
    return answer([known[i] for i in params.all("id") if i in known])


async def search(request):
    params = await read_params(request)
    oauth.user(request, "read:accounts")
    text, limit = params.get("q", "").lower().lstrip("@"), min(params.number("limit", 40), 80)
    found = [a for a in request.app["world"].accounts.values() if a["acct"].lower().startswith(text)]
    return answer(found[:limit])


def relationship(world, who, other):
    following = (who, other) in world.follows
    return dict(TEMPLATES["relationship"], id=other, following=following, showing_reblogs=following,
                followed_by=(other, who) in world.follows)


async def relationships(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.user(request, "read:follows")
    return answer([relationship(world, who, i) for i in params.all("id") if i in world.accounts])


async def follow(request):
    world, who = request.app["world"], oauth.user(request, "write:follows")
    other = find(request)["id"]
    wanted = request.path.endswith("/follow")
    if other == who:
        raise ApiError(403, "This action is not allowed")
    if wanted != ((who, other) in world.follows):
        world.effects["changes"]["follow" if wanted else "unfollow"] += 1
        (world.follows.add if wanted else world.follows.discard)((who, other))
        world.accounts[other]["followers_count"] += 1 if wanted else -1
        world.accounts[who]["following_count"] += 1 if wanted else -1
    return answer(relationship(world, who, other))


async def followers(request):
    world, account = request.app["world"], find(request)
    if request.path.endswith("/followers"):
        found = [a for a, b in world.follows if b == account["id"]]
    else:
        found = [b for a, b in world.follows if a == account["id"]]
    return answer([world.accounts[i] for i in sorted(found)])


# Lists ----------------------------------------------------------------------------------------

def _show_list(entry):
    return {key: entry[key] for key in ("id", "title", "replies_policy", "exclusive")}


def own_list(request, scope):
    who = oauth.user(request, scope)
    entry = request.app["world"].lists.get(request.match_info["id"])
    if entry is None or entry["owner"] != who:
        raise ApiError(404, NOT_FOUND)
    return entry


async def lists(request):
    who = oauth.user(request, "read:lists")
    return answer([_show_list(e) for e in request.app["world"].lists.values() if e["owner"] == who])


async def create_list(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.user(request, "write:lists")
    if not params.get("title"):
        raise ApiError(422, "Validation failed: Title can't be blank")
    entry = {"id": world.small_id(), "title": params.get("title"), "owner": who, "members": set(),
             "replies_policy": params.get("replies_policy", "list"), "exclusive": params.flag("exclusive")}
    world.lists[entry["id"]] = entry
    return answer(_show_list(entry))


async def one_list(request):
    entry = own_list(request, "read:lists" if request.method == "GET" else "write:lists")
    if request.method == "PUT":
        params = await read_params(request)
        entry["title"] = params.get("title", entry["title"])
    if request.method == "DELETE":
        del request.app["world"].lists[entry["id"]]
        return answer({})
    return answer(_show_list(entry))


async def list_members(request):
    world = request.app["world"]
    entry = own_list(request, "read:lists" if request.method == "GET" else "write:lists")
    if request.method == "GET":
        return answer([world.accounts[i] for i in sorted(entry["members"])])
    params = await read_params(request)
    for identifier in params.all("account_ids"):
        if request.method == "DELETE":
            entry["members"].discard(identifier)
        elif (entry["owner"], identifier) not in world.follows and identifier != entry["owner"]:
            raise ApiError(404, NOT_FOUND)
        else:
            entry["members"].add(identifier)
    return answer({})


# The server itself ----------------------------------------------------------------------------

def _template(request, path):
    text = json.dumps(TEMPLATES[path])
    world = request.app["world"]
    streaming = request.app["settings"].streaming_url or f"ws://{world.host}"
    text = text.replace("ws://localhost:4000", streaming).replace("http://localhost:3000", world.base_url)
    return json.loads(text.replace('"localhost:3000"', f'"{world.host}"'))


async def instance_v1(request):
    world, profile = request.app["world"], request.app["settings"].profile
    body = _template(request, "/api/v1/instance")
    body["version"] = profile.version
    local = [a for a in world.accounts.values() if "@" not in a["acct"]]
    domains = {a["acct"].split("@")[1] for a in world.accounts.values() if "@" in a["acct"]}
    body["stats"] = {"user_count": len(local), "domain_count": len(domains),
                     "status_count": sum(1 for s in world.statuses.values() if not s.deleted and world.is_local(s))}
    return answer(profile.instance(body))


async def instance_v2(request):
    profile = request.app["settings"].profile
    if not profile.instance_v2:
        raise ApiError(404, NO_ROUTE)
    body = _template(request, "/api/v2/instance")
    body["version"] = profile.version
    return answer(profile.instance(body))


async def plain_template(request):
    return answer(_template(request, request.path.rstrip("/")))


async def nodeinfo(request):
    return answer(request.app["settings"].profile.nodeinfo(_template(request, "/nodeinfo/2.0")))


async def filters(request):
    """Those that _control/filters made; Mastodon's own shape (docs.joinmastodon.org/entities/Filter)."""
    who = oauth.user(request, "read:filters")
    return answer([{"id": str(n + 1), "title": f["phrase"], "context": ["home", "account"], "expires_at": None,
                    "filter_action": f["action"], "keywords": [{"id": str(n + 1), "keyword": f["phrase"],
                                                                "whole_word": False}], "statuses": []}
                   for n, f in enumerate(request.app["world"].filters.get(who, []))])


def add_routes(router):
    base = "/api/v1/accounts"
    router.add_get(base, batch)
    for name, handler in (("verify_credentials", verify_credentials), ("lookup", lookup), ("search", search),
                          ("relationships", relationships)):
        router.add_get(f"{base}/{name}", handler)
    router.add_get(base + "/{id}", show)
    for name in ("follow", "unfollow"):
        router.add_post(f"{base}/{{id}}/{name}", follow)
    for name in ("followers", "following"):
        router.add_get(f"{base}/{{id}}/{name}", followers)
    router.add_get("/api/v1/lists", lists)
    router.add_post("/api/v1/lists", create_list)
    for method in ("GET", "PUT", "DELETE"):
        router.add_route(method, "/api/v1/lists/{id}", one_list)
    for method in ("GET", "POST", "DELETE"):
        router.add_route(method, "/api/v1/lists/{id}/accounts", list_members)
    for path, handler in (("/api/v1/instance", instance_v1), ("/api/v2/instance", instance_v2)):
        router.add_get(path, handler)
        router.add_get(path + "/", handler)
    for path in ("/api/v1/instance/rules", "/.well-known/oauth-authorization-server", "/.well-known/nodeinfo"):
        router.add_get(path, plain_template)
    router.add_get("/nodeinfo/2.0", nodeinfo)
    router.add_get("/api/v2/filters", filters)
