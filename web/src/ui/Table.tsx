// The one table: columns where there is room, labelled cards on a phone. j and k move through its rows, Enter opens one, x
// chooses it where something can be done with several.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { counted } from "../lib/format.ts";
import { onKey } from "../lib/keyboard.ts";

export interface Column<T> {
  name: string;
  cell: (row: T) => ComponentChildren;
  // number: to the right; text: takes what is left and wraps; plain: stays in one line; buttons: its name is not shown
  kind?: "number" | "text" | "plain" | "buttons";
  isHead?: boolean; // names its row
  isOptional?: boolean; // left out of a compact table where there is little room
}

// What can be done with several rows at once.
export interface Bulk<T> {
  label: string;
  can: (row: T) => boolean;
  run: (rows: T[]) => void;
}

interface TableProps<T> {
  label: string;
  columns: readonly (Column<T> | false)[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  hrefOf?: (row: T) => string;
  classOf?: (row: T) => string;
  bulk?: readonly Bulk<T>[];
  compact?: boolean; // few narrow columns: they stay columns on a phone too
  class?: string;
}

const isNamed = <T,>(column: Column<T>) => column.kind !== "buttons";

function Cell<T>({ row, column }: { row: T; column: Column<T> }) {
  const look = `${column.kind ?? ""} ${column.isOptional ? "optional" : ""}`;
  if (column.isHead) {
    return (
      <th scope="row" role="rowheader" class={look}>
        {column.cell(row)}
      </th>
    );
  }
  return (
    <td role="cell" class={look} data-label={isNamed(column) ? column.name : undefined}>
      <div>{column.cell(row)}</div>
    </td>
  );
}

// The rows chosen; those that have gone from the list are chosen no more.
function useChosen<T>(rows: readonly T[], keyOf: (row: T) => string) {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const chosen = rows.filter((row) => keys.has(keyOf(row)));
  const toggle = (key: string) =>
    setKeys((old) => {
      const next = new Set(old);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  return { chosen, has: (key: string) => keys.has(key), toggle, clear: () => setKeys(new Set()) };
}

function BulkBar<T>({ bulk, chosen, clear }: { bulk: readonly Bulk<T>[]; chosen: T[]; clear: () => void }) {
  return (
    <div class="bulk" role="status">
      {chosen.length > 0 && (
        <>
          <span>{counted(chosen.length, "row")} chosen</span>
          {bulk.map(({ label, can, run }) => {
            const fit = chosen.filter(can);
            return (
              <button
                key={label}
                type="button"
                class="button small"
                disabled={fit.length === 0}
                onClick={() => {
                  run(fit);
                  clear();
                }}
              >
                {label} {fit.length > 0 && fit.length < chosen.length && `(${fit.length})`}
              </button>
            );
          })}
          <button type="button" class="button small" onClick={clear}>
            Choose none
          </button>
        </>
      )}
    </div>
  );
}

export function Table<T>(props: TableProps<T>) {
  const { label, rows, keyOf, hrefOf, classOf, bulk, compact } = props;
  const columns = props.columns.filter((column) => column !== false);
  const { chosen, has, toggle, clear } = useChosen(rows, keyOf);
  useEffect(() => {
    if (!bulk) return;
    return onKey("x", () => {
      const key = document.activeElement?.closest<HTMLElement>("[data-item][data-key]")?.dataset.key;
      if (key !== undefined) toggle(key);
    });
  }, [!bulk]);
  return (
    <>
      {bulk && <BulkBar bulk={bulk} chosen={chosen} clear={clear} />}
      <div class="table-scroll">
        <table class={`list ${compact ? "compact" : "cards"} ${props.class ?? ""}`} role="table" aria-label={label}>
          <thead role="rowgroup">
            <tr role="row">
              {bulk && (
                <th scope="col" role="columnheader">
                  <span class="hidden-text">Chosen</span>
                </th>
              )}
              {columns.map((column) => (
                <th key={column.name} scope="col" role="columnheader" class={`${column.kind ?? ""} ${column.isOptional ? "optional" : ""}`}>
                  {isNamed(column) ? column.name : <span class="hidden-text">{column.name}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => {
              const key = keyOf(row);
              return (
                <tr
                  key={key}
                  role="row"
                  class={`${classOf?.(row) ?? ""} ${has(key) ? "chosen" : ""}`}
                  tabIndex={-1}
                  data-item
                  data-key={key}
                  data-href={hrefOf?.(row)}
                >
                  {bulk && (
                    <td role="cell" class="choose">
                      <input type="checkbox" aria-label="Choose this row" checked={has(key)} onChange={() => toggle(key)} />
                    </td>
                  )}
                  {columns.map((column) => (
                    <Cell key={column.name} row={row} column={column} />
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}
