"""Apps, tokens and the OAuth dance; who may do what."""
import base64
import hashlib
import html
import urllib.parse

from aiohttp import web

from answers import BAD_SCOPE, BAD_TOKEN, NEEDS_USER, ApiError, answer, read_params

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
GRANT_INVALID = ("The provided authorization grant is invalid, expired, revoked, does not match the redirection URI "
                 "used in the authorization request, or was issued to another client.")
CLIENT_INVALID = ("Client authentication failed due to unknown client, no client authentication included, or "
                  "unsupported authentication method.")
VAPID = "BAhxXyHfAoMqrZECjRI56F5QrE4ynVlkZFMdKSpTIsWRNoWUVgut-Bnz2xsMSwiN4AF0b4I7ixF24OwiicOJivw="


class Grants:
    """Registered apps, codes not yet redeemed, and tokens."""

    def __init__(self, world, login_as=None):
        self.world = world
        self.login_as = login_as
        self.deny = False
        self.apps = {}
        self.codes = {}
        self.tokens = {}

    def mint(self, account_id, scope, app=None, token=None):
        token = token or self.world.secret()
        self.tokens[token] = {"account": account_id, "scope": scope, "app": app, "revoked": False}
        return token

    def look_up(self, token):
        """The token's record. Any local account may also use the fixed token `test-token-NAME` or `test-token-ID`."""
        found = self.tokens.get(token)
        if found is None and token.startswith("test-token-"):
            name = token.removeprefix("test-token-")
            account = self.world.find_account(name) or self.world.accounts.get(name)
            if account and "@" not in account["acct"]:
                self.mint(account["id"], "read write follow push", token=token)
                found = self.tokens[token]
        return found


def bearer(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.query.get("access_token")


def grant_of(request):
    """The request's grant, or None without a token. A token that is not good is an error everywhere."""
    token = bearer(request)
    if token is None:
        return None
    grant = request.app["grants"].look_up(token)
    if grant is None:
        raise ApiError(401, BAD_TOKEN)
    if grant["revoked"]:
        raise ApiError(401, "The access token was revoked")
    return grant


def allows(granted, needed):
    """`read` covers `read:statuses`; `follow` is the old name for a few of them."""
    have = granted.split()
    if needed in have or needed.split(":")[0] in have or "all" in have:
        return True
    return needed in ("write:follows", "read:follows") and "follow" in have


def viewer(request, scope=None):
    """Account id of the token's user or None for a stranger; checks the scope if there is a token."""
    grant = grant_of(request)
    if grant is None:
        return None
    if scope and not allows(grant["scope"], scope):
        raise ApiError(403, BAD_SCOPE)
    return grant["account"]


def user(request, scope):
    """As viewer, but a stranger gets 401 and an app's own token 422."""
    if grant_of(request) is None:
        raise ApiError(401, BAD_TOKEN)
    account = viewer(request, scope)
    if account is None:
        raise ApiError(422, NEEDS_USER)
    return account


async def create_app(request):
    params = await read_params(request)
    world, grants = request.app["world"], request.app["grants"]
    name = params.get("client_name", "")
    uris = [u for value in params.all("redirect_uris") for u in value.split()]
    if not name:
        raise ApiError(422, "Validation failed: Application name can't be blank")
    if not uris:
        raise ApiError(422, "Validation failed: Redirect URI can't be blank")
    scopes = (params.get("scopes") or "read").split()
    app = {"id": world.small_id(), "name": name, "website": params.get("website"), "scopes": scopes,
           "redirect_uris": uris, "vapid_key": VAPID, "redirect_uri": "\n".join(uris),
           "client_id": world.secret(), "client_secret": world.secret(), "client_secret_expires_at": 0}
    grants.apps[app["client_id"]] = app
    return answer(app)


async def verify_app(request):
    grant = grant_of(request)
    if grant is None:
        raise ApiError(401, BAD_TOKEN)
    app = grant["app"] or {"id": "1", "name": "Fake", "website": None, "scopes": grant["scope"].split(),
                           "redirect_uris": [OUT_OF_BAND], "vapid_key": VAPID, "redirect_uri": OUT_OF_BAND}
    return answer({k: v for k, v in app.items() if not k.startswith("client_")})


def page(title, body, status=200):
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return web.Response(text=text, status=status, content_type="text/html")


async def authorize(request):
    """Approves at once, as if the user had pressed the button."""
    params = await read_params(request)
    world, grants = request.app["world"], request.app["grants"]
    app = grants.apps.get(params.get("client_id"))
    redirect = params.get("redirect_uri", "")
    if app is None:
        return page("Error", f"<p>{CLIENT_INVALID}</p>", 401)
    if redirect not in app["redirect_uris"]:
        return page("Error", "<p>The redirect uri included is not valid.</p>", 400)
    if params.get("response_type", "code") != "code":
        return page("Error", "<p>The authorization server does not support this response type.</p>", 400)
    state = {"state": params.get("state")} if params.has("state") else {}
    if grants.deny:
        return _back(redirect, {"error": "access_denied",
                                "error_description": "The resource owner or authorization server denied the request.",
                                **state})
    name = params.get("login_as") or grants.login_as
    account = world.find_account(name) if name else None
    if account is None:
        return page("Error", "<p>No such account to log in as.</p>", 400)
    code = world.secret()
    grants.codes[code] = {"app": app, "redirect": redirect, "account": account["id"],
                          "scope": params.get("scope") or " ".join(app["scopes"]),
                          "challenge": params.get("code_challenge"),
                          "method": params.get("code_challenge_method", "plain")}
    if redirect == OUT_OF_BAND:
        raise web.HTTPFound(f"/oauth/authorize/native?code={urllib.parse.quote(code)}")
    return _back(redirect, {"code": code, **state})


def _back(redirect, query):
    glue = "&" if "?" in redirect else "?"
    return web.Response(status=302, headers={"Location": redirect + glue + urllib.parse.urlencode(query)})


async def show_code(request):
    code = html.escape(request.query.get("code", ""))
    return page("Authorization code", f'<p>Copy this code:</p><input class="oauth-code" readonly value="{code}">')


def client_of(request, params):
    """The app that asks, by Basic header or by parameters; None when its secret is not right."""
    name, secret = params.get("client_id"), params.get("client_secret")
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(rest).decode().partition(":")
        except ValueError:
            return None
    app = request.app["grants"].apps.get(name)
    return app if app and app["client_secret"] == secret else None


def _refuse(status, kind, text):
    return answer({"error": kind, "error_description": text}, status)


async def token(request):
    params = await read_params(request)
    world, grants = request.app["world"], request.app["grants"]
    kind = params.get("grant_type")
    if kind == "password":
        return _refuse(400, "invalid_grant", GRANT_INVALID)
    if kind not in ("authorization_code", "client_credentials"):
        return _refuse(400, "unsupported_grant_type",
                       "The authorization grant type is not supported by the authorization server.")
    app = client_of(request, params)
    if app is None:
        return _refuse(401, "invalid_client", CLIENT_INVALID)
    if kind == "client_credentials":
        account, scope = None, params.get("scope") or "read"
        if not all(allows(" ".join(app["scopes"]), s) for s in scope.split()):
            return _refuse(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    else:
        code = grants.codes.pop(params.get("code"), None)
        if code is None or code["app"] is not app or code["redirect"] != params.get("redirect_uri") \
                or not _proved(code, params.get("code_verifier")):
            return _refuse(400, "invalid_grant", GRANT_INVALID)
        account, scope = code["account"], code["scope"]
    made = grants.mint(account, scope, app)
    return answer({"access_token": made, "token_type": "Bearer", "scope": scope,
                   "created_at": int(world.now().timestamp())})


def _proved(code, verifier):
    if code["challenge"] is None:
        return True
    if verifier is None:
        return False
    if code["method"] == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return verifier == code["challenge"]


async def revoke(request):
    params = await read_params(request)
    app = client_of(request, params)
    found = request.app["grants"].tokens.get(params.get("token"))
    if app is None or (found and found["app"] is not app):
        return _refuse(403, "unauthorized_client", "You are not authorized to revoke this token")
    if found:
        found["revoked"] = True
    return answer({})


def add_routes(router):
    router.add_post("/api/v1/apps", create_app)
    router.add_get("/api/v1/apps/verify_credentials", verify_app)
    router.add_get("/oauth/authorize", authorize)
    router.add_post("/oauth/authorize", authorize)
    router.add_get("/oauth/authorize/native", show_code)
    router.add_post("/oauth/token", token)
    router.add_post("/oauth/revoke", revoke)
