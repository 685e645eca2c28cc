"""Linnet behind a proxy on the same machine: sign-in, cookies, the sender's address, WebSockets. Called by proxy.sh."""
import base64
import json
import os
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import time

linnet, folder = sys.argv[1:]
passed = failed = 0
PASSWORD = "correct horse battery"
NAME = "linnet.example"
os.environ["PATH"] += ":/usr/sbin"


def expect(what, holds, seen=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print("ok  " if holds else f"FAIL {seen!r:.300}", what)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing listens on {port}")


class Linnet:
    def __init__(self, name, settings):
        self.data = f"{folder}/{name}"
        os.mkdir(self.data)
        open(f"{self.data}/linnet.toml", "w").write(settings)
        subprocess.run([linnet, "--quiet", "--data", self.data, "user", "add", "root", "--role", "admin"], input=PASSWORD,
                       text=True, check=True, capture_output=True)
        self.process = subprocess.Popen([linnet, "--quiet", "--data", self.data, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r"http://127.0.0.1:(\d+)", self.process.stdout.readline()).group(1))

    def senders(self):
        with sqlite3.connect(f"{self.data}/linnet.db") as database:
            return [row[0] for row in database.execute("SELECT remote FROM user_sessions ORDER BY created_at")]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def start_nginx(inner, outer, change=lambda text: text):
    text = open("docs/proxy/nginx.conf").read()
    text = re.sub(r"listen \[::\]:443 ssl;", "", text).replace("listen 443 ssl", f"listen 127.0.0.1:{outer} ssl")
    text = re.sub(r"/etc/letsencrypt/\S+fullchain.pem", f"{folder}/cert.pem", text)
    text = re.sub(r"/etc/letsencrypt/\S+privkey.pem", f"{folder}/key.pem", text)
    text = change(text.replace("127.0.0.1:7450", f"127.0.0.1:{inner}"))
    place = f"{folder}/nginx-{outer}"
    os.mkdir(place)
    temporary = "".join(f"{kind}_temp_path {place}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    open(f"{place}/nginx.conf", "w").write(
        f"daemon off; pid {place}/pid; error_log {place}/error.log; events {{}}\nhttp {{ access_log off; {temporary}\n{text}\n}}\n")
    return subprocess.Popen(["nginx", "-p", place, "-c", f"{place}/nginx.conf", "-e", f"{place}/error.log"])


def start_caddy(inner, outer, change=lambda text: text):
    text = open("docs/proxy/Caddyfile").read().replace("127.0.0.1:7450", f"127.0.0.1:{inner}")
    text = change(text.replace(f"\n{NAME} {{", f"\nhttps://{NAME}:{outer} {{\n\tbind 127.0.0.1\n\ttls {folder}/cert.pem {folder}/key.pem"))
    place = f"{folder}/caddy-{outer}"
    os.mkdir(place)
    open(f"{place}/Caddyfile", "w").write("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text)
    return subprocess.Popen(["caddy", "run", "--adapter", "caddyfile", "--config", f"{place}/Caddyfile"],
                            env={**os.environ, "HOME": place, "XDG_DATA_HOME": place, "XDG_CONFIG_HOME": place},
                            stderr=open(f"{place}/log", "w"))


class Browser:
    """Asks through the proxy, as one at another address would."""

    def __init__(self, port):
        self.port = port
        self.origin = f"https://{NAME}:{port}"
        self.context = ssl._create_unverified_context()

    def open(self):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=15, source_address=("127.0.0.2", 0))
        return self.context.wrap_socket(plain, server_hostname=NAME)

    def ask(self, method, path, body=b"", **headers):
        fields = {"Host": f"{NAME}:{self.port}", "Connection": "close", "Content-Length": str(len(body)),
                  **{name.replace("_", "-"): value for name, value in headers.items()}}
        with self.open() as connection:
            connection.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + "".join(f"{n}: {v}\r\n" for n, v in fields.items()).encode() + b"\r\n" + body)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        head, _, text = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), text

    def sign_in(self, **headers):
        return self.ask("POST", "/api/v1/session", json.dumps({"name": "root", "password": PASSWORD}).encode(), **headers)

    def listen(self, **headers):
        """The status, and the first message of the WebSocket."""
        fields = {"Host": f"{NAME}:{self.port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), **headers}
        with self.open() as connection:
            connection.sendall(b"GET /api/v1/live HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in fields.items()).encode() + b"\r\n")
            file = connection.makefile("rb")
            status = int(file.readline().split()[1])
            while file.readline().strip():
                pass
            if status != 101:
                return status, {}
            _, length = file.read(2)
            if length == 126:
                length = int.from_bytes(file.read(2), "big")
            return status, json.loads(file.read(length))


def check(kind, browser, daemon):
    expect(f"{kind}: the web app is there", browser.ask("GET", "/")[0] == 200)
    status, head, text = browser.sign_in(Origin=browser.origin, X_Forwarded_For="198.51.100.7", Sec_Fetch_Site="same-origin")
    expect(f"{kind}: a browser signs in", status == 200, (head, text))
    if status != 200:
        return
    expect(f"{kind}: the cookie is for https and this host alone", "__Host-linnet_session" in head and "; Secure" in head, head)
    expect(f"{kind}: who asked is the browser, not the proxy, nor what the browser says", daemon.senders()[-1] == "127.0.0.2", daemon.senders())
    signed_in = {"Cookie": re.search(r"Set-Cookie: ([^;]+)", head, re.I).group(1), "X_Linnet_CSRF": json.loads(text)["csrf"]}
    expect(f"{kind}: and may read", browser.ask("GET", "/api/v1/status", **signed_in)[0] == 200)
    line = json.dumps({"event": "update", "payload": "x" * 3_000_000}).encode()
    status, head, text = browser.ask("POST", "/api/v1/events?instance=https://x.example", line, Origin=browser.origin, **signed_in)
    expect(f"{kind}: large bodies come through", status == 201, (head, text))
    expect(f"{kind}: a page of another site does not", browser.sign_in(Origin="https://evil.example")[0] == 403)
    expect(f"{kind}: nor one of this name in the clear", browser.sign_in(Origin=browser.origin.replace("https", "http"))[0] == 403)
    status, message = browser.listen(Origin=browser.origin, Cookie=signed_in["Cookie"])
    expect(f"{kind}: the WebSocket opens and speaks", status == 101 and "type" in message, (status, message))
    expect(f"{kind}: not for other sites", browser.listen(Origin="https://evil.example", Cookie=signed_in["Cookie"])[0] == 403)
    expect(f"{kind}: a stranger is not the owner", browser.ask("GET", "/api/v1/status")[0] == 401)


subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext",
                f"subjectAltName=DNS:{NAME}", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
proxies = {"nginx": (start_nginx, lambda text: text.replace("proxy_set_header Host              $http_host;", "proxy_set_header Host $proxy_host;")),
           "caddy": (start_caddy, lambda text: text.replace("reverse_proxy", "reverse_proxy {\n\t\theader_up Host {upstream_hostport}\n\t\tto") + "\n}")}
skipped = 0
for kind, (start, with_inner_host) in proxies.items():
    if not shutil.which(kind):
        skipped += 1
        continue
    for name, settings, change in ((kind, f'allowed_hosts = "{NAME}"\n', lambda text: text), (f"{kind} without a setting", "", with_inner_host)):
        daemon = Linnet(name.replace(" ", "-"), settings)
        outer = free_port()
        proxy = start(daemon.port, outer, change)
        try:
            wait_for(outer)
            check(name, Browser(outer), daemon)
        finally:
            proxy.terminate()
            proxy.wait()
            daemon.stop()
    daemon = Linnet(f"{kind}-unnamed", "")
    outer = free_port()
    proxy = start(daemon.port, outer)
    try:
        wait_for(outer)
        status, _, text = Browser(outer).ask("GET", "/")
        expect(f"{kind}: a name that was not said is refused, and the refusal names the setting", status == 421 and b"allowed_hosts" in text, text)
    finally:
        proxy.terminate()
        proxy.wait()
        daemon.stop()
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed else 0)
