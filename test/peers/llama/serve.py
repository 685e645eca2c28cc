#!/usr/bin/env python3
"""Serves a GGUF file by llama.cpp's own server, from the wheel xllamacpp: serve.py FILE PORT; prints READY."""
import signal
import sys
import threading

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames, params.port = ["127.0.0.1"], int(sys.argv[2])
params.n_ctx, params.n_parallel, params.n_gpu_layers, params.warmup = 2048, 1, 0, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.model_alias = {"tiny"}
params.verbosity = 1
server = xllamacpp.Server(params)
print("READY", flush=True)
stop = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: stop.set())
stop.wait()
