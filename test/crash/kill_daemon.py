"""Feeds a running daemon over HTTP and kills it with SIGKILL at random moments; what it acknowledged must be there.

  kill_daemon.py LINNET EVENTS KILLS linnet-options…

The feeder hands in lines in order and sends a chunk again until it was answered, as any client would. Prints how often
the daemon died while lines were coming in for the first time.
"""
import http.client
import random
import socket
import subprocess
import sys
import threading
import time

linnet, events, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = sys.argv[4:]
lines = open(events, "rb").read().splitlines(keepends=True)
CHUNK = 25
with socket.socket() as free:  # a port that nobody has
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
randomness = random.Random(1)
daemon = None
deaths = 0


def start():
    global daemon
    daemon = subprocess.Popen([linnet, "--quiet", *options, "serve", "--port", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait_until_ready():
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if daemon.poll() not in (None, -9):
            sys.exit("the daemon ended: " + daemon.stderr.read().decode())
        time.sleep(0.01)
    sys.exit("the daemon does not answer")


def hand_in(chunk):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/api/v1/events?instance=https://social.example", body=b"".join(chunk))
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 201:
        sys.exit(f"{answer.status}: {text.decode()}")


def die_soon():
    time.sleep(randomness.uniform(0, 0.15))
    daemon.kill()


at = 0
start()
wait_until_ready()
killer = None
while at < len(lines):
    if deaths < kills and killer is None:
        killer = threading.Thread(target=die_soon)
        killer.start()
    try:
        hand_in(lines[at:at + CHUNK])
        at += CHUNK
    except (OSError, http.client.HTTPException):
        if killer is None:
            sys.exit("the daemon does not answer, and nobody killed it")
        killer.join()
        daemon.wait()
        deaths, killer = deaths + 1, None
        start()
        wait_until_ready()
if killer is not None:
    killer.join()
    daemon.wait()
    start()  # what was acknowledged is in the log; a start brings the tables up to it
    wait_until_ready()
daemon.terminate()
daemon.wait()
print(deaths)
