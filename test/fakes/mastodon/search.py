"""/api/v2/search as far as clients open links with it: a link leads to the one post or account that has it."""
import oauth
from answers import answer, read_params
from render import render_status


def _same(link, other):
    def plain(text):
        return (text or "").split("#")[0].split("?")[0].rstrip("/")
    return plain(link) and plain(link) == plain(other)


async def search(request):
    params = await read_params(request)
    world, who = request.app["world"], oauth.user(request, "read:search")
    text, kind, limit = params.get("q", "").strip(), params.get("type", ""), min(params.number("limit", 20), 40)
    accounts, statuses = [], []
    if text.startswith(("http://", "https://")):
        accounts = [a for a in world.accounts.values() if any(_same(text, a.get(k)) for k in ("url", "uri"))]
        statuses = [s for s in world.statuses.values() if not s.deleted and world.visible(s, who)
                    and any(_same(text, s.fields.get(k)) for k in ("url", "uri"))]
    else:
        name = text.lower().lstrip("@")
        accounts = [a for a in world.accounts.values() if a["acct"].lower().startswith(name)]
    return answer({"accounts": accounts[:limit] if kind in ("", "accounts") else [],
                   "statuses": [render_status(world, s, who) for s in statuses[:limit]] if kind in ("", "statuses") else [],
                   "hashtags": []})


def add_routes(router):
    router.add_get("/api/v2/search", search)
