"""Connects COUNT listeners to a running Linnet's live WebSocket and keeps reading: live_listeners.py PORT COUNT

Prints «ready» once all are connected, and at the end (on SIGTERM) how many messages came.
"""
import base64
import os
import selectors
import signal
import socket
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
selector = selectors.DefaultSelector()
for _ in range(count):
    listener = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    listener.sendall(f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    answer = listener.recv(4096)
    if b" 101 " not in answer:
        sys.exit(f"refused: {answer[:200]!r}")
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ)
print("ready", flush=True)
received = 0
running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)
while running:
    for key, _ in selector.select(timeout=0.5):
        data = key.fileobj.recv(65536)
        received += len(data)
        if not data:
            sys.exit("a listener was disconnected")
print(f"{received} bytes received", flush=True)
