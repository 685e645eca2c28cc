import { useEffect, useRef, useState } from "preact/hooks";
import { useResource } from "../lib/resource.ts";
import { absoluteTime, hostOf, languageName, moment } from "../lib/format.ts";
import { setSearch } from "../lib/router.ts";
import { useTyping } from "../lib/typing.ts";
import type { Instance } from "../lib/api_types.ts";
import { SearchIcon } from "../ui/icons.tsx";

// The names are the API's own.
export const kFilters = ["query", "author", "tag", "language", "instance", "since", "until", "sort"] as const;
type FilterName = (typeof kFilters)[number];

const kTypingMs = 350;
const kLanguages = "ar ca cs da de el en es eu fa fi fr gl he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh".split(" ");

// Sets one filter; while somebody types, the address changes in place rather than at every letter.
function setFilter(name: FilterName, value: string, typing = false): void {
  setSearch({ [name]: value.trim() || null, focus: null }, { replace: typing });
}

function TextFilter(props: { name: FilterName; label: string; value: string; prefix: string; hint?: string }) {
  const clean = (raw: string) => (raw.trim().startsWith(props.prefix) ? raw.trim().slice(props.prefix.length) : raw);
  const { text, onInput } = useTyping(props.value, kTypingMs, (raw) => setFilter(props.name, clean(raw), true));
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="text"
        name={props.name}
        value={text}
        placeholder={props.hint}
        onInput={onInput}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
    </label>
  );
}

function SearchBox({ value, focus }: { value: string; focus: boolean }) {
  const { text, onInput } = useTyping(value, kTypingMs, (raw) => setFilter("query", raw, true));
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) box.current?.focus();
  }, [focus]);
  return (
    <div class="search-box">
      <SearchIcon />
      <input
        ref={box}
        type="search"
        name="query"
        aria-label="Search posts"
        placeholder="Search the words of all posts"
        value={text}
        onInput={onInput}
        data-search
        autocomplete="off"
        enterkeyhint="search"
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

// The picker speaks the reader's local time, the address UTC.
function toLocalInput(iso: string | null): string {
  const date = new Date(iso ?? "");
  if (Number.isNaN(date.getTime())) return "";
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function TimeFilter({ name, label, value }: { name: FilterName; label: string; value: string | null }) {
  const onChange = (event: Event) => {
    const date = new Date((event.target as HTMLInputElement).value);
    setFilter(name, Number.isNaN(date.getTime()) ? "" : date.toISOString());
  };
  return (
    <label class="field">
      <span>{label}</span>
      <input type="datetime-local" name={name} value={toLocalInput(value)} onChange={onChange} />
    </label>
  );
}

function Selects({ search }: { search: URLSearchParams }) {
  const instances = useResource<{ items: Instance[] }>("/instances");
  const language = search.get("language") ?? "";
  const codes = language && !kLanguages.includes(language) ? [language, ...kLanguages] : kLanguages;
  const named = codes.map((code) => ({ code, name: languageName(code) })).sort((a, b) => a.name.localeCompare(b.name));
  const chosen = (event: Event) => (event.target as HTMLSelectElement).value;
  return (
    <>
      <label class="field">
        <span>Language</span>
        <select name="language" value={language} onChange={(event) => setFilter("language", chosen(event))}>
          <option value="">Any</option>
          {named.map(({ code, name }) => (
            <option value={code} key={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Instance</span>
        <select name="instance" value={search.get("instance") ?? ""} onChange={(event) => setFilter("instance", chosen(event))}>
          <option value="">All</option>
          {instances.value?.items.map((instance) => (
            <option value={String(instance.id)} key={instance.id}>
              {hostOf(instance.base_url)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Order</span>
        <select name="sort" value={search.get("sort") ?? ""} onChange={(event) => setFilter("sort", chosen(event))}>
          <option value="">Newest first</option>
          <option value="engagement">Most engagement first</option>
        </select>
      </label>
    </>
  );
}

const kSpoken: Partial<Record<FilterName, (value: string) => string>> = {
  query: (value) => `“${value}”`,
  author: (value) => `by @${value}`,
  tag: (value) => `#${value}`,
  language: (value) => `in ${languageName(value)}`,
  instance: (value) => `on ${/^\d+$/.test(value) ? `instance ${value}` : hostOf(value)}`,
  since: (value) => `since ${moment(value)}`,
  until: (value) => `until ${moment(value)}`,
};

function Chips({ search }: { search: URLSearchParams }) {
  const active = kFilters.filter((name) => kSpoken[name] && search.get(name));
  if (active.length === 0) return null;
  return (
    <ul class="chips" aria-label="Filters in force">
      {active.map((name) => {
        const value = search.get(name)!;
        return (
          <li key={name}>
            <button
              type="button"
              class="chip"
              title={name === "since" || name === "until" ? absoluteTime(value) : "Take this filter away"}
              onClick={() => setFilter(name, "")}
            >
              <bdi>{kSpoken[name]!(value)}</bdi>
              <span aria-hidden="true"> ×</span>
              <span class="hidden-text">, take this filter away</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const kHidden: FilterName[] = ["author", "tag", "language", "instance", "since", "until", "sort"];

export function PostFilters({ search }: { search: URLSearchParams }) {
  // Open at first if something in it is set; after that it is the reader's.
  const [open] = useState(() => kHidden.some((name) => search.get(name)) || innerWidth > 1100);
  return (
    <form role="search" aria-label="Posts" class="filters" onSubmit={(event) => event.preventDefault()}>
      <SearchBox value={search.get("query") ?? ""} focus={search.get("focus") === "search"} />
      <details open={open} class="more-filters">
        <summary>Filters</summary>
        <div class="fields">
          <TextFilter name="author" label="Author" prefix="@" hint="name or name@server" value={search.get("author") ?? ""} />
          <TextFilter name="tag" label="Hashtag" prefix="#" hint="without the #" value={search.get("tag") ?? ""} />
          <Selects search={search} />
          <TimeFilter name="since" label="Since" value={search.get("since")} />
          <TimeFilter name="until" label="Until" value={search.get("until")} />
        </div>
      </details>
      <Chips search={search} />
    </form>
  );
}
