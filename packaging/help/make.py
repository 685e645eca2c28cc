#!/usr/bin/env python3
"""Writes man pages and shell completions into FOLDER/share, from the --help of the program BINARY.

    packaging/help/make.py BINARY FOLDER [--date 2026-08-01]
"""
import argparse
import pathlib
import sys

sys.dont_write_bytecode = True

import command_tree
import completions
import man_pages

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("binary")
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--date", default="", help="of the man pages")
arguments = parser.parse_args()

tree = command_tree.read_tree(arguments.binary)
version = command_tree.run(arguments.binary, "--version").strip()
man_pages.write(tree, version, arguments.date, arguments.folder / "share/man/man1")
completions.write(tree, arguments.folder / "share")
