// Signing in to a network: in the browser, or with a token or app password.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Account } from "../lib/acting.ts";
import { ApiError, post } from "../lib/api.ts";
import { safeHref } from "../lib/html.ts";
import { navigate } from "../lib/router.ts";
import { session } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { Panel, Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Loading } from "../ui/states.tsx";

const kPlatforms = [
  { value: "mastodon", label: "Mastodon", address: "https://mastodon.social", secret: "Access token" },
  { value: "bluesky", label: "Bluesky", address: "https://bsky.social", secret: "App password" },
];
const platformOf = (name: string) => kPlatforms.find((p) => p.value === name) ?? kPlatforms[0]!;

// The browser goes to the network, and comes back to SignedIn below.
async function goTo(wanted: object): Promise<void> {
  const { authorize_url } = await post<{ authorize_url: string }>("/accounts/sign-in", { act: true, ...wanted });
  const address = safeHref(authorize_url);
  if (!address) throw new ApiError(0, "The server gave no address to open", authorize_url);
  location.assign(address);
}

export function AddAccount({ onAdded }: { onAdded: () => void }) {
  const [platform, setPlatform] = useState(kPlatforms[0]!);
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [secret, setSecret] = useState("");
  const addressBox = useRef<HTMLInputElement>(null);
  const { busy, run, trouble } = useWork();
  const inBrowser = () => {
    if (addressBox.current?.reportValidity()) void run(() => goTo({ platform: platform.value, address }));
  };
  const withSecret = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await post("/accounts", { platform: platform.value, address, name, secret });
      setSecret("");
      onAdded();
    });
  };
  return (
    <Panel title="Add an account" id="add-account">
      <form class="form" onSubmit={withSecret}>
        <Field label="Network">
          <select value={platform.value} onChange={(e) => setPlatform(platformOf(e.currentTarget.value))}>
            {kPlatforms.map((p) => (
              <option key={p.value} value={p.value}>
                {p.label}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Address of the server">
          <input ref={addressBox} required placeholder={platform.address} value={address} onInput={(e) => setAddress(e.currentTarget.value)} />
        </Field>
        <div class="row">
          <button type="button" class="button primary" disabled={busy} onClick={inBrowser}>
            Sign in in the browser
          </button>
        </div>
        <p class="faint">Or, where the browser cannot come back:</p>
        {platform.value === "bluesky" && (
          <Field label="Handle">
            <input required placeholder="ada.bsky.social" value={name} onInput={(e) => setName(e.currentTarget.value)} />
          </Field>
        )}
        <Field label={platform.secret}>
          <input type="password" required autocomplete="off" value={secret} onInput={(e) => setSecret(e.currentTarget.value)} />
        </Field>
        <div class="row">
          <button class="button" disabled={busy}>
            Add
          </button>
        </div>
        {trouble}
      </form>
    </Panel>
  );
}

export function SignInAgain({ account, onDone }: { account: Account; onDone: () => void }) {
  const [secret, setSecret] = useState("");
  const { busy, run, trouble } = useWork();
  const isBluesky = account.platform === "bluesky";
  const withSecret = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await post("/accounts", { account_id: account.id, secret, ...(isBluesky ? { name: account.username } : {}) });
      setSecret("");
      onDone();
    });
  };
  return (
    <>
      <div class="row">
        <button type="button" class="button primary" disabled={busy} onClick={() => void run(() => goTo({ account_id: account.id, name: isBluesky ? account.username : "" }))}>
          Sign in again
        </button>
      </div>
      <details>
        <summary>With {platformOf(account.platform).secret.toLowerCase()} instead</summary>
        <form class="form" onSubmit={withSecret}>
          <Field label={platformOf(account.platform).secret}>
            <input type="password" required autocomplete="off" value={secret} onInput={(e) => setSecret(e.currentTarget.value)} />
          </Field>
          <div class="row">
            <button class="button" disabled={busy}>
              Use it
            </button>
          </div>
        </form>
      </details>
      {trouble}
    </>
  );
}

const kParameters = ["state", "code", "iss", "error", "error_description"];

// Where the network sends the browser back to. The code in the address is used once, and taken out of sight at once.
export function SignedIn() {
  const who = useStore(session);
  const given = useRef(new URLSearchParams(location.search));
  const asked = useRef(false);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    if (who === null || asked.current) return; // not known yet who is here
    asked.current = true;
    history.replaceState(history.state, "", location.pathname);
    const answer = Object.fromEntries(kParameters.flatMap((name) => (given.current.has(name) ? [[name, given.current.get(name)]] : [])));
    post<Account>("/accounts/sign-in/finish", answer).then(
      (account) => navigate(`/accounts?signed_in=${encodeURIComponent(account.username)}`, { replace: true }),
      (error) => setTrouble(error instanceof ApiError ? error.message : String(error)),
    );
  }, [who]);
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Signing in" />
      </div>
      {!trouble && <Loading what="the answer of the network" rows={1} />}
      {trouble && (
        <div class="failure" role="alert">
          <p class="failure-title">Not signed in</p>
          <p>{trouble}</p>
          <a class="button" href="/accounts">
            Back to Accounts
          </a>
        </div>
      )}
    </div>
  );
}
