// Signing in to a network: in the browser, or with a token or app password.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Account } from "../lib/api_types.ts";
import { ApiError, post } from "../lib/api.ts";
import { safeHref } from "../lib/html.ts";
import { navigate } from "../lib/router.ts";
import { session } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { Panel } from "../ui/basics.tsx";
import { Field, Form, FormButtons, useWork } from "../ui/forms.tsx";
import { Page } from "../ui/Page.tsx";
import { Loading } from "../ui/states.tsx";

const kPlatforms = [
  { value: "mastodon", label: "Mastodon", address: "https://mastodon.social", secret: "Access token" },
  { value: "bluesky", label: "Bluesky", address: "https://bsky.social", secret: "App password" },
  { value: "discord", label: "Discord", address: "https://discord.com", secret: "Bot token" },
];
const platformOf = (name: string) => kPlatforms.find((p) => p.value === name) ?? kPlatforms[0]!;

// The browser goes to the network, and comes back to SignedIn below.
async function goTo(wanted: object): Promise<void> {
  const { authorize_url } = await post<{ authorize_url: string }>("/accounts/sign-in", { act: true, ...wanted });
  const address = safeHref(authorize_url);
  if (!address) throw new ApiError(500, "The server gave no address to open", authorize_url);
  location.assign(address);
}

const kNoAddress = "That is no address of a server. Write it like https://mastodon.social";

// As people write them, with https:// or without.
function isServer(address: string): boolean {
  try {
    const { protocol, hostname } = new URL(address.includes("://") ? address : `https://${address}`);
    return /^https?:$/.test(protocol) && /^[^%\s]+$/.test(hostname);
  } catch {
    return false;
  }
}

export function AddAccount({ onAdded }: { onAdded: () => void }) {
  const [platform, setPlatform] = useState(kPlatforms[0]!);
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [secret, setSecret] = useState("");
  const [problem, setProblem] = useState("");
  const box = useRef<HTMLInputElement>(null);
  const work = useWork();
  const isWrong = () => {
    const words = isServer(address.trim()) ? "" : kNoAddress;
    setProblem(words);
    if (words) box.current?.focus();
    return words !== "";
  };
  const inBrowser = () => {
    if (!isWrong()) void work.run(() => goTo({ platform: platform.value, address }));
  };
  const withSecret = () => {
    if (isWrong()) return;
    void work.run(async () => {
      await post("/accounts", { platform: platform.value, address, name, secret });
      setSecret("");
      onAdded();
    });
  };
  return (
    <Panel title="Add an account" id="add-account">
      <Form work={work} onSubmit={withSecret} fields={["address", "name", "secret"]}>
        <Field label="Network">
          <select value={platform.value} onChange={(e) => setPlatform(platformOf(e.currentTarget.value))}>
            {kPlatforms.map((p) => (
              <option key={p.value} value={p.value}>
                {p.label}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Address of the server" name="address" problem={problem}>
          <input
            ref={box}
            required
            placeholder={platform.address}
            value={address}
            onInput={(e) => {
              setAddress(e.currentTarget.value);
              setProblem("");
            }}
          />
        </Field>
        <div class="row">
          <button type="button" class="button primary" disabled={work.busy} onClick={inBrowser}>
            Sign in with {platform.label}
          </button>
        </div>
        <p class="faint">Or {platform.value === "bluesky" ? "use an app password" : "paste an access token"}:</p>
        {platform.value === "bluesky" && (
          <Field label="Handle" name="name">
            <input required placeholder="ada.bsky.social" value={name} onInput={(e) => setName(e.currentTarget.value)} />
          </Field>
        )}
        <Field label={platform.secret} name="secret">
          <input type="password" required autocomplete="off" value={secret} onInput={(e) => setSecret(e.currentTarget.value)} />
        </Field>
        <FormButtons does="Add" busy={work.busy} />
      </Form>
    </Panel>
  );
}

export function SignInAgain({ account, onDone }: { account: Account; onDone: () => void }) {
  const [secret, setSecret] = useState("");
  const work = useWork();
  const isBluesky = account.platform === "bluesky";
  const withSecret = () =>
    void work.run(async () => {
      await post("/accounts", { account_id: account.id, secret, ...(isBluesky ? { name: account.username } : {}) });
      setSecret("");
      onDone();
    });
  return (
    <>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={work.busy}
          onClick={() => void work.run(() => goTo({ account_id: account.id, name: isBluesky ? account.username : "" }))}
        >
          Sign in again
        </button>
      </div>
      <details>
        <summary>With {platformOf(account.platform).secret.toLowerCase()} instead</summary>
        <Form work={work} onSubmit={withSecret} fields={["secret"]}>
          <Field label={platformOf(account.platform).secret} name="secret">
            <input type="password" required autocomplete="off" value={secret} onInput={(e) => setSecret(e.currentTarget.value)} />
          </Field>
          <FormButtons does="Use it" busy={work.busy} />
        </Form>
      </details>
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
      (account) => navigate(`/manage/accounts?signed_in=${encodeURIComponent(account.username)}`, { replace: true }),
      (error) => setTrouble(error instanceof ApiError ? error.message : String(error)),
    );
  }, [who]);
  return (
    <Page name="Signing in">
      {!trouble && <Loading what="the answer of the network" rows={1} />}
      {trouble && (
        <div class="failure" role="alert">
          <p class="failure-title">Not signed in</p>
          <p>{trouble}</p>
          <a class="button" href="/manage/accounts">
            Back to Accounts
          </a>
        </div>
      )}
    </Page>
  );
}
