"""Linnet and llama.cpp's server: llm_server.py LINNET TEST_PROGRAM; ends with «N passed, N failed[, N skipped]».

The server is the real one; its model is made here (test/peers/llama) and its answers are known."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
peers = os.path.join(here, "..", "peers", "llama")
sys.path.insert(0, peers)
import tiny_model  # noqa: E402

linnet, unit = sys.argv[1:3]
passed = failed = skipped = 0

# What is scored, and behind what. The third holds characters whose bytes are tokens of their own.
TEXTS = [("The licence", " of the software is free."),
         ("software free licence of the software is free", " of the software is free."),
         ("A post about the sea 🌊", " naïve café 🌊 and the end.")]


def expect(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {what} {detail}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=60))


def tokens(url, text, with_begin):
    return [one["id"] for one in post(url + "/tokenize", {"content": text, "add_special": with_begin, "with_pieces": True})["tokens"]]


def truth(url):
    told = []
    for context, continuation in TEXTS:
        before, after = tokens(url, context, True), tokens(url, continuation, False)
        told.append({"context": context, "continuation": continuation,
                     "log_probabilities": list(tiny_model.log_probabilities(before + after, len(after)))})
    return told


def run(folder, *words):
    made = subprocess.run([linnet, "--data", folder, "--quiet", "--json", *words], capture_output=True, text=True, timeout=120)
    return made.returncode, json.loads(made.stdout) if made.stdout.strip() else None, made.stderr


def check_commands(folder, url, told):
    status, added, error = run(folder, "provider", "add", "mlx::tiny", "--endpoint", url + "/v1", "--max-context", "2048",
                               "--supports-logprobs")
    expect("a provider is added", status == 0 and added["privacy"] == "dm" and added["priority"] == 1, error)
    status, tested, error = run(folder, "provider", "test", "mlx::tiny")
    expect("it gives a sign of life", status == 0 and tested["tokens_in"] > 0, error)
    status, said, error = run(folder, "provider", "ask", "--text", "Hello?", "--max-tokens", "8")
    expect("it answers, and what was sent is shown", status == 0 and "Hello?" in said["sent"], error)
    for one in told:
        status, scored, error = run(folder, "provider", "score", "--context", one["context"], "--continuation", one["continuation"])
        off = max((abs(a - b) for a, b in zip(scored["log_probabilities"], one["log_probabilities"])), default=9) if scored else 9
        expect("a text is as probable as the model's closed form says", status == 0 and off < 1e-4, f"{off} {error}")
    status, calls, _ = run(folder, "provider", "calls")
    expect("each call has a row", status == 0 and len(calls) == 5, str(calls))
    status, _, error = run(folder, "provider", "change", "dspy::builtin/linnet", "--no-enabled")
    expect("another may be switched off", status == 0, error)
    status, _, error = run(folder, "provider", "remove", "mlx::tiny")
    expect("the last that is enabled is not removed", status == 1 and "at least one" in error, error)


with tempfile.TemporaryDirectory() as folder:
    model, port = os.path.join(folder, "tiny.gguf"), free_port()
    tiny_model.write(model)
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([sys.executable, os.path.join(peers, "serve.py"), model, str(port)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        expect("the server is up", server.stdout.readline().strip() == "READY")
        told = truth(url)
        with open(os.path.join(folder, "truth.json"), "w") as file:
            json.dump(told, file)
        os.environ["LINNET_ALLOWED_NETWORKS"] = "127.0.0.0/8"
        if os.access(linnet, os.X_OK):
            check_commands(os.path.join(folder, "data"), url, told)
        else:
            skipped += 1
            print("skipped: there is no", linnet)
        if os.access(unit, os.X_OK):
            made = subprocess.run([unit, "--gtest_filter=*LlamaServer*"], capture_output=True, text=True, timeout=300,
                                  env={**os.environ, "LINNET_TEST_LLAMA": url,
                                       "LINNET_TEST_LLAMA_TRUTH": os.path.join(folder, "truth.json")})
            expect("the door's own tests", made.returncode == 0 and "4 tests" in made.stdout, made.stdout[-3000:])
        else:
            skipped += 1
            print("skipped: there is no", unit)
    finally:
        server.terminate()
        server.wait(30)

print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed else 0)
