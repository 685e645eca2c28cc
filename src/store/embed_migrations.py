#!/usr/bin/env python3
"""Writes the C++ source that holds every migration: embed_migrations.py OUT SQL…

A file is PART_NUMBER_NAME.up.sql or .down.sql; one in a folder sqlite/ or postgres/ is for that engine alone."""
import pathlib
import sys

out, files = sys.argv[1], [pathlib.Path(f) for f in sys.argv[2:]]
rows = []
for up in sorted(f for f in files if f.name.endswith(".up.sql")):
    stem = up.name[: -len(".up.sql")]
    part, number, name = stem.split("_", 2)
    down = up.with_name(stem + ".down.sql")
    engine = next((e for e in ("sqlite", "postgres") if e in up.parts), None)
    engine_text = f"Engine::{engine}" if engine else "std::nullopt"
    rows.append(f'    {{Part::{part}, {int(number)}, "{name}",\n     R"sql({up.read_text()})sql",\n'
                f'     R"sql({down.read_text()})sql", {engine_text}}},\n')
pathlib.Path(out).write_text(
    '#include "store/migrations.hpp"\n\nnamespace linnet::store {\nnamespace {\n\n'
    "const Migration kMigrations[] = {\n" + "".join(rows) + "};\n\n}  // namespace\n\n"
    "std::span<const Migration> all_migrations() { return kMigrations; }\n\n}  // namespace linnet::store\n")
