"""How fast the API answers, with live listeners connected: api_bench.py LINNET

The server has one core, wrk and the listeners the other. Prints ratios to the goals. Also: from start to serving.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

linnet = sys.argv[1]
full = sys.argv[2] if len(sys.argv) > 2 else None
LISTENERS = 1000
PORT = 17461
folder = tempfile.mkdtemp(prefix="linnet-bench-")


def start(options):
    began = time.perf_counter()
    server = subprocess.Popen(["taskset", "-c", "0", linnet, "--quiet", *options, "serve", "--port", str(PORT)],
                              stdout=subprocess.DEVNULL)
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return server, (time.perf_counter() - began) * 1000
        except OSError:
            time.sleep(0.002)


def keep_events_coming(events, stopping):
    """Some fifty a second, so that the listeners hear something and answers change."""
    lines = open(events, "rb").read().splitlines(keepends=True)
    for i in range(0, len(lines), 10):
        if stopping.wait(0.2):
            return
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}/api/v1/events?instance=https://beside.example",
                                         data=b"".join(lines[i:i + 10]))
        urllib.request.urlopen(request, timeout=10).read()


def stop(server):
    server.send_signal(signal.SIGTERM)
    server.wait()


def median_start(options):
    took = []
    for _ in range(5):
        server, milliseconds = start(options)
        stop(server)
        took.append(milliseconds)
    return sorted(took)[2]


rows = []
try:
    events = f"{folder}/events.jsonl"
    with open(events, "wb") as out:
        subprocess.run([linnet, "sample", "--events", "20000"], stdout=out, check=True)
    data = ["--data", f"{folder}/data"]
    rows.append(("start to serving, empty database, ms", median_start(["--data", f"{folder}/empty"]), 300, False))
    subprocess.run([linnet, "--quiet", *data, "import", "events", events, "--instance", "https://social.example"],
                   check=True, stdout=subprocess.DEVNULL)
    if full:
        rows.append(("start to serving, full database, ms", median_start(["--db", full, "--data", f"{folder}/full"]), 300, False))
    server, _ = start(data)
    listeners = subprocess.Popen(["taskset", "-c", "1", sys.executable, "bench/live_listeners.py", str(PORT), str(LISTENERS)],
                                 stdout=subprocess.PIPE, text=True)
    assert listeners.stdout.readline().strip() == "ready"
    while True:  # the followers catch up first
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/status", timeout=5) as answer:
            followers = json.load(answer)["followers"]
        if not followers["search"]["lag"] and not followers["sentiment"]["lag"]:
            break
        time.sleep(0.5)
    stopping = threading.Event()
    feeder = threading.Thread(target=keep_events_coming, args=(events, stopping))
    feeder.start()
    for path in ("/api/v1/posts?limit=20", "/api/v1/status", "/healthz"):
        out = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", "-c32", "-d8s", "--latency", f"http://127.0.0.1:{PORT}{path}"],
                             capture_output=True, text=True, check=True).stdout
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
        slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
        p99 = float(slow.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[slow.group(2)]
        rows.append((f"requests a second, {path}, {LISTENERS} listeners", rate, 30000, True))
        rows.append((f"p99 in ms, {path}", p99, 5, False))
        if "Non-2xx" in out:
            rows.append((f"{path} answered errors", 1, 0, False))
    stopping.set()
    feeder.join()
    listeners.send_signal(signal.SIGTERM)
    heard, _ = listeners.communicate()
    print("live listeners:", heard.strip())
    stop(server)
finally:
    shutil.rmtree(folder, ignore_errors=True)
for name, value, goal, more_is_better in rows:
    good = value >= goal if more_is_better else value <= goal
    print(f"{value:12,.2f}  goal {'≥' if more_is_better else '≤'} {goal:8,}  {'ok  ' if good else 'MISS'}  {name}")
