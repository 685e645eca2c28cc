"""`python3 test/fakes/mastodon --port 0 --print-port` is the same as running server.py."""
import runpy

runpy.run_module("server", run_name="__main__")
