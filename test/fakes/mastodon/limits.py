"""Rate limits as Mastodon has them: fixed windows, counted by token or address, told in headers."""
import datetime
import re
import time

from answers import TOO_MANY, answer
from oauth import bearer

KINDS = {  # name: (limit, period in seconds, method, path)
    "apps": (5, 600, "POST", r"^/api/v1/apps$"),
    "media": (30, 1800, "POST", r"^/api/v[12]/media$"),
    "delete": (30, 1800, "(DELETE|POST)", r"^(DELETE /api/v1/statuses/[^/]+|POST /api/v1/statuses/[^/]+/unreblog)$"),
    "post": (300, 10800, "(POST|PUT)", r"^(POST /api/v1/statuses|PUT /api/v1/statuses/[^/]+)$"),
    "api": (300, 300, ".*", r"^/api/"),
}
UNLIMITED = re.compile(r"^/(oauth|health|\.well-known|nodeinfo|_control|api/v1/streaming)")


class Limits:
    def __init__(self):
        self.retry_after = False
        self.reset()

    def reset(self):
        self.settings = {name: [limit, period] for name, (limit, period, _, _) in KINDS.items()}
        self.counts = {}

    def configure(self, changes):
        """`{"api": {"limit": 3, "period": 10}}`; starts counting anew."""
        for name, change in changes.items():
            self.settings[name][0] = int(change.get("limit", self.settings[name][0]))
            self.settings[name][1] = max(1, float(change.get("period", self.settings[name][1])))
        self.counts = {}

    @staticmethod
    def kinds_of(method, path):
        found = []
        for name, (_, _, methods, pattern) in KINDS.items():
            subject = f"{method} {path}" if "DELETE /" in pattern or "POST /" in pattern else path
            if re.fullmatch(methods, method) and re.match(pattern, subject):
                found.append(name)
        return found

    def count(self, request):
        """Counts a request. Returns (headers to send, whether it may pass)."""
        path = request.path.rstrip("/")
        if UNLIMITED.match(path):
            return {}, True
        who = bearer(request) or request.remote
        headers, passes = {}, True
        for name in reversed(self.kinds_of(request.method, path)):
            limit, period = self.settings[name]
            now = time.time()
            window = int(now // period)
            key = (name, who, period, window)
            used = self.counts[key] = self.counts.get(key, 0) + 1
            if used > limit:
                passes = False
            elif not passes:
                continue
            headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(max(0, limit - used)),
                       "X-RateLimit-Reset": _stamp((window + 1) * period)}
            if used > limit and self.retry_after:
                headers["Retry-After"] = str(max(1, int((window + 1) * period - now + 0.999)))
        return headers, passes


def _stamp(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def refusal(headers):
    return answer({"error": TOO_MANY}, 429, headers)
