"""`python3 test/fakes/mastodon --port 0 --print-port` is the same as running server.py."""
import pathlib
import runpy
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
runpy.run_module("server", run_name="__main__")
