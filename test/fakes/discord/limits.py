"""Rate limits as Discord has them: a bucket for each route and channel, and one for everything."""
import hashlib
import re
import time

BUCKETS = [  # method, path, name, requests, seconds
    ("POST", r"^/channels/(\d+)/messages$", "write", 5, 5),
    ("GET", r"^/channels/(\d+)/messages$", "read", 50, 10),
    ("(PUT|DELETE)", r"^/channels/(\d+)/messages/\d+/reactions/", "react", 4, 1),
    ("DELETE", r"^/channels/(\d+)/messages/\d+$", "delete", 5, 2),
    ("POST", r"^/users/@me/(channels)$", "dm", 10, 10),
]
GLOBAL = (50, 1)


class Limits:
    def __init__(self):
        self.reset()

    def reset(self):
        self.settings = {name: [limit, period] for _, _, name, limit, period in BUCKETS}
        self.settings["global"] = list(GLOBAL)
        self.windows, self.forced = {}, []

    def configure(self, changes):
        """{"write": {"limit": 1, "period": 2}, "force": {"count": 1, "global": true, "retry_after": 0.5}}"""
        for name, change in changes.items():
            if name == "force":
                self.forced += [change] * int(change.get("count", 1))
            else:
                self.settings[name] = [int(change["limit"]), float(change["period"])]
        self.windows = {}

    def _use(self, key, limit, period):
        now = time.time()
        began, used = self.windows.get(key, (now, 0))
        if now >= began + period:
            began, used = now, 0
        self.windows[key] = (began, used + 1)
        return used + 1, began + period - now

    def count(self, method, path):
        """(headers, None or the body of a 429)."""
        if path.startswith("/gateway") or path.startswith("/interactions") or path.startswith("/webhooks"):
            return {}, None
        bucket = next(((name, re.match(p, path).group(1)) for m, p, name, _, _ in BUCKETS
                       if re.fullmatch(m, method) and re.match(p, path)), None)
        headers = {}
        if bucket:
            limit, period = self.settings[bucket[0]]
            used, left = self._use(bucket, limit, period)
            headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(max(0, limit - used)),
                       "X-RateLimit-Reset": f"{time.time() + left:.3f}", "X-RateLimit-Reset-After": f"{left:.3f}",
                       "X-RateLimit-Bucket": hashlib.md5(bucket[0].encode()).hexdigest()}
            if used > limit:
                return self._refuse(headers, left, False, "user")
        if self.forced:
            order = self.forced.pop(0)
            return self._refuse(headers, float(order.get("retry_after", 0.5)), bool(order.get("global")),
                                order.get("scope", "user"))
        limit, period = self.settings["global"]
        used, left = self._use("global", limit, period)
        return self._refuse({}, left, True, "global") if used > limit else (headers, None)

    @staticmethod
    def _refuse(headers, after, is_global, scope):
        headers = {**headers, "Retry-After": str(max(1, int(after + 0.999))), "X-RateLimit-Scope": scope}
        if is_global:
            headers["X-RateLimit-Global"] = "true"
        return headers, {"message": "You are being rate limited.", "retry_after": round(after, 3), "global": is_global}
