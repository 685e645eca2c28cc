"""Starts the fake Discord for a Python test and talks to it.

    with FakeDiscord("--heartbeat-ms", "1000") as fake:
        fake.say("hello")
        fake.control("misbehave", {"action": "reconnect"})
"""
import json
import pathlib
import subprocess
import sys
import urllib.request

SERVER = pathlib.Path(__file__).resolve().parents[2] / "fakes" / "discord" / "server.py"
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.fake.token"
GENERAL = "323456789012345678"


def fake_python():
    for candidate in ("python3", "/usr/bin/python3"):
        if subprocess.run([candidate, "-c", "import aiohttp"], capture_output=True).returncode == 0:
            return candidate
    sys.exit("no Python with aiohttp: apt install python3-aiohttp")


class FakeDiscord:
    """A running server; ends with the `with` block, or with this process, whichever is first."""

    def __init__(self, *options):
        self.process = subprocess.Popen([fake_python(), str(SERVER), "--print-port", "--exit-with-stdin", *options],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)

    def control(self, name, wish=None, method=None):
        """One control call; POST with a wish, else GET. Raises when the fake refuses it."""
        data = None if wish is None else json.dumps(wish).encode()
        request = urllib.request.Request(f"{self.base}/_control/{name}", data, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def say(self, content, **more):
        return self.control("say", {"content": content, **more})["id"]
