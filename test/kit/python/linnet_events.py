"""What a running Linnet has in its event log."""
import json
import urllib.error
import urllib.request


def logged(base, after=0):
    """[(event, payload)] behind number `after`, in the order of the log."""
    def ask(path):
        with urllib.request.urlopen(base + path, timeout=20) as answer:
            return json.load(answer)

    newest = ask("/api/v1/events?limit=1")["items"]
    found = []
    for number in range(after + 1, (newest[0]["id"] if newest else 0) + 1):
        try:
            event = ask(f"/api/v1/events/{number}")
        except urllib.error.HTTPError:
            continue
        found.append((event["event_type"], event["payload"]))
    return found
