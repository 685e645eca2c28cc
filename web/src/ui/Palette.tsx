// Ctrl K: finds rooms, tags, people, posts and actions by what is typed. A combobox to the screen reader.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { paletteOpen } from "../lib/keyboard.ts";
import { askedOffers, localOffers, type Offer } from "../lib/palette.ts";
import { SearchIcon } from "./icons.tsx";
import { StopDialog } from "./Notices.tsx";

const kPauseMs = 180;

function useOffers(typed: string, askToStop: () => void): { offers: Offer[]; asking: boolean } {
  const [found, setFound] = useState<{ of: string; offers: Offer[] }>({ of: "", offers: [] });
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      void askedOffers(typed, abort.signal).then((offers) => abort.signal.aborted || setFound({ of: typed, offers }));
    }, kPauseMs);
    return () => (clearTimeout(timer), abort.abort());
  }, [typed]);
  const asked = typed.trim().length < 2 ? [] : found.offers;
  return { offers: [...localOffers(typed, askToStop), ...asked], asking: typed.trim().length >= 2 && found.of !== typed };
}

export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const stopDialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const [isStopping, setStopping] = useState(false);
  const shut = () => paletteOpen.set(false);
  useLayoutEffect(() => {
    if (isStopping) stopDialog.current?.showModal();
    else dialog.current?.showModal();
  }, [isStopping]);
  const { offers, asking } = useOffers(typed, () => setStopping(true));
  const current = Math.min(at, offers.length - 1);
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }), [current, typed]);
  const choose = (offer: Offer | undefined) => {
    if (!offer) return;
    if (offer.key !== "action Stop publishing") shut();
    offer.does();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((current + step + offers.length) % Math.max(1, offers.length));
    else if (event.key === "Enter") choose(offers[current]);
    else return;
    event.preventDefault();
  };
  if (isStopping) return <StopDialog dialog={stopDialog} onClose={shut} />;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it closes it, as Escape does
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Find or do"
      onClose={shut}
      onClick={(event) => event.target === dialog.current && shut()}
    >
      <div class="search-box">
        <SearchIcon />
        <input
          type="text"
          role="combobox"
          aria-label="Find a room, a tag, a person or a post, or do something"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={offers[current] ? `offer-${current}` : undefined}
          aria-autocomplete="list"
          placeholder="Find a room, #tag, @person, post, or do something"
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => (setTyped(event.currentTarget.value), setAt(0))}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul ref={list} id="palette-list" role="listbox" aria-label="Found">
        {offers.map((offer, i) => (
          // Keys are the input's: the focus stays there.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <li
            key={offer.key}
            id={`offer-${i}`}
            role="option"
            aria-selected={i === current}
            class={i === 0 || offers[i - 1]!.group !== offer.group ? "first" : ""}
            data-group={offer.group}
            onPointerMove={() => setAt(i)}
            onClick={() => choose(offer)}
          >
            <span class="offer">{offer.name}</span>
            {offer.about && <span class="faint">{offer.about}</span>}
          </li>
        ))}
      </ul>
      <p class="palette-foot faint" role="status">
        {offers.length === 0 && !asking ? "Nothing found. # looks for tags, @ for people." : asking ? "Looking…" : `${offers.length} found`}
      </p>
    </dialog>
  );
}
