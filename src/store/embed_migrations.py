#!/usr/bin/env python3
"""Writes the C++ source that holds every migration: embed_migrations.py OUT SQL…

A migration is PART_NUMBER_NAME.sql, with a line «-- down» before what takes it back, or two files, .up.sql and
.down.sql; one in a folder sqlite/ or postgres/ is for that engine alone."""
import pathlib
import sys

out, files = sys.argv[1], [pathlib.Path(f) for f in sys.argv[2:]]
rows = []
for up in sorted(f for f in files if not f.name.endswith(".down.sql")):
    stem = up.name.removesuffix(".sql").removesuffix(".up")
    part, number, name = stem.split("_", 2)
    if up.name.endswith(".up.sql"):
        up_sql, down_sql = up.read_text(), up.with_name(stem + ".down.sql").read_text()
    else:
        up_sql, divider, down_sql = up.read_text().partition("\n-- down\n")
        if not divider:
            sys.exit(f"{up}: it has no line «-- down», before what takes it back")
    engine = next((e for e in ("sqlite", "postgres") if e in up.parts), None)
    engine_text = f"Engine::{engine}" if engine else "std::nullopt"
    rows.append(f'    {{Part::{part}, {int(number)}, "{name}",\n     R"sql({up_sql})sql",\n'
                f'     R"sql({down_sql})sql", {engine_text}}},\n')
pathlib.Path(out).write_text(
    '#include "store/migrations.hpp"\n\nnamespace linnet::store {\nnamespace {\n\n'
    "const Migration kMigrations[] = {\n" + "".join(rows) + "};\n\n}  // namespace\n\n"
    "std::span<const Migration> all_migrations() { return kMigrations; }\n\n}  // namespace linnet::store\n")
