#!/usr/bin/env python3
"""Writes the C++ source that holds every prompt that comes with the program: embed_prompts.py OUT FILE…

A prompt is prompts/NAME/VERSION.mustache, with a line «--- system» and a line «--- user» before its two parts."""
import pathlib
import sys

out, files = sys.argv[1], sorted(pathlib.Path(f) for f in sys.argv[2:])
rows = []
for file in files:
    text = file.read_text()
    if "\n--- user\n" not in "\n" + text:
        sys.exit(f"{file}: it has no line «--- user»")
    rows.append(f'    {{"{file.parent.name}", "{file.stem}", R"prompt({text})prompt"}},\n')
pathlib.Path(out).write_text(
    '#include "llm/shipped_prompts.hpp"\n\nnamespace linnet::llm {\nnamespace {\n\n'
    "const ShippedPrompt kPrompts[] = {\n" + "".join(rows) + "};\n\n}  // namespace\n\n"
    "std::span<const ShippedPrompt> shipped_prompts() { return kPrompts; }\n\n}  // namespace linnet::llm\n")
