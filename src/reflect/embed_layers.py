#!/usr/bin/env python3
"""Writes the C++ source that holds every layer that comes with the program: embed_layers.py OUT FILE…"""
import pathlib
import sys

out, files = sys.argv[1], sorted(pathlib.Path(f) for f in sys.argv[2:])
rows = [f'    {{"{file.name}", R"layer({file.read_text()})layer"}},\n' for file in files]
pathlib.Path(out).write_text(
    '#include "reflect/catalog.hpp"\n\nnamespace linnet::reflect {\nnamespace {\n\n'
    "const ShippedLayer kLayers[] = {\n" + "".join(rows) + "};\n\n}  // namespace\n\n"
    "std::span<const ShippedLayer> shipped_layers() { return kLayers; }\n\n}  // namespace linnet::reflect\n")
