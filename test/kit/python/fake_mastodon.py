"""Starts the fake Mastodon server for a Python test and talks to its control port.

    with FakeMastodon("--seed", "1") as fake:
        fake.control("publish", {"account": "alice", "text": "Hello #birds"})
        status, headers, body = fake.get("/api/v1/timelines/public", token="test-token-alice")
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

SERVER = pathlib.Path(__file__).resolve().parents[2] / "fakes" / "mastodon" / "server.py"
TIMEOUT_S = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


class FakeMastodon:
    """A running server; ends with the `with` block, or with this process, whichever is first."""

    def __init__(self, *options):
        self.complaints = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, str(SERVER), "--print-port", "--exit-with-stdin", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints,
            text=True)
        line = self.process.stdout.readline().split()
        if len(line) != 2:
            self.complaints.seek(0)
            raise RuntimeError(f"the fake Mastodon did not start: {self.complaints.read()}")
        self.port, self.control_port = map(int, line)
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends it. What it wrote to stderr is an error: the fake itself must not fail."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
            self.complaints.seek(0)
            text = self.complaints.read()
            self.complaints.close()
        if text:
            raise RuntimeError(f"the fake Mastodon complained: {text}")

    def ask(self, url, method="GET", body=None, token=None, headers=None, timeout=TIMEOUT_S):
        """(status, headers with lower-case names, text); redirects are not followed."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            response = _opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as problem:
            response = problem
        with response:
            return response.status, {k.lower(): v for k, v in response.headers.items()}, response.read().decode()

    def get(self, path, **more):
        status, headers, text = self.ask(self.base + path, **more)
        try:
            return status, headers, json.loads(text)
        except ValueError:
            return status, headers, text

    def control(self, name, wish=None, method=None):
        """One control call; POST with a wish, else GET. Raises when the fake refuses it."""
        method = method or ("GET" if wish is None else "POST")
        status, _, text = self.ask(f"http://127.0.0.1:{self.control_port}/_control/{name}", method, wish)
        if status != 200:
            raise RuntimeError(f"_control/{name}: {status} {text}")
        return json.loads(text)
