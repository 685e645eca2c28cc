// The tokens of programs that use the API: until when they hold, and how much they may ask.
import { useState } from "preact/hooks";
import type { ApiToken as Token, User } from "../lib/api_types.ts";
import { post } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { may, session } from "../lib/session.ts";
import { kRights, rightsInWords } from "../lib/words.ts";
import { Badge, Panel, Time } from "../ui/basics.tsx";
import { Field, Form, FormButtons, useWork } from "../ui/forms.tsx";
import { Failure } from "../ui/states.tsx";

const kScopes = Object.keys(kRights);
const kUsualPerMinute = 600;
// A token that is forgotten should not hold for ever; whoever wants one that does empties the field.
const kUsualDays = 90;

// The day in the reader's own calendar, as <input type="date"> wants it.
function dayAhead(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() + days);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

const endOf = (day: string) => new Date(`${day}T23:59:59`).toISOString();

function Expiry({ token }: { token: Token }) {
  if (!token.expires_at) return <span class="faint">never expires</span>;
  if (new Date(token.expires_at).getTime() <= Date.now()) {
    return (
      <Badge kind="bad">
        expired <Time at={token.expires_at} />
      </Badge>
    );
  }
  return (
    <span>
      expires <Time at={token.expires_at} />
    </span>
  );
}

function TokenRow({ token, onChange }: { token: Token; onChange: () => void }) {
  const { busy, run, trouble } = useWork();
  const revoke = () =>
    run(async () => {
      await post(`/tokens/${token.id}/revoke`);
      onChange();
    });
  return (
    <li>
      <b>{token.name}</b> <code>{token.prefix}…</code> {rightsInWords(token.scopes)}, {token.requests_per_minute} a minute,{" "}
      {token.last_used_at ? (
        <>
          used <Time at={token.last_used_at} />
        </>
      ) : (
        "never used"
      )}
      ,{" "}
      {token.revoked_at ? (
        <Badge kind="bad">revoked</Badge>
      ) : (
        <>
          <Expiry token={token} />{" "}
          <button type="button" class="button small" disabled={busy} onClick={() => void revoke()}>
            Revoke<span class="hidden-text"> {token.name}</span>
          </button>
        </>
      )}
      {trouble}
    </li>
  );
}

function NewToken({ owners, onMade }: { owners: Pick<User, "id" | "name">[]; onMade: () => void }) {
  const [user, setUser] = useState(() => (owners.find(({ id }) => id === session.get()?.user_id) ?? owners[0]!).id);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState(["read"]);
  const [until, setUntil] = useState(dayAhead(kUsualDays));
  const [perMinute, setPerMinute] = useState(kUsualPerMinute);
  const [secret, setSecret] = useState("");
  const work = useWork();
  const create = () =>
    void work.run(async () => {
      const wanted = { name, scopes, user, expires_at: until ? endOf(until) : null, requests_per_minute: perMinute };
      setSecret((await post<{ secret: string }>("/tokens", wanted)).secret);
      onMade();
    });
  const toggle = (scope: string) => setScopes(scopes.includes(scope) ? scopes.filter((s) => s !== scope) : [...scopes, scope]);
  const offered = may("people") ? kScopes : kScopes.filter(may);
  return (
    <>
      <Form work={work} onSubmit={create} fields={["name", "expires_at", "requests_per_minute", "user"]}>
        {owners.length > 1 && (
          <Field label="Whose" name="user">
            <select value={user} onChange={(e) => setUser(e.currentTarget.value)}>
              {owners.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </Field>
        )}
        <Field label="What for" name="name">
          <input required value={name} onInput={(e) => setName(e.currentTarget.value)} />
        </Field>
        <Field label="Expires at the end of (empty: never)" name="expires_at">
          <input type="date" min={dayAhead(0)} value={until} onInput={(e) => setUntil(e.currentTarget.value)} />
        </Field>
        <Field label="Requests a minute" name="requests_per_minute">
          <input
            type="number"
            required
            min={1}
            max={may("people") ? 1_000_000 : kUsualPerMinute}
            value={perMinute}
            onInput={(e) => setPerMinute(e.currentTarget.valueAsNumber)}
          />
        </Field>
        <fieldset class="quiet">
          <legend>May</legend>
          {offered.map((scope) => (
            <label class="check" key={scope}>
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
              {kRights[scope]}
            </label>
          ))}
        </fieldset>
        <FormButtons does="Make a token" busy={work.busy} />
      </Form>
      {secret && (
        <p role="status">
          Shown this once: <code>{secret}</code>
        </p>
      )}
    </>
  );
}

export function Tokens({ users }: { users: Pick<User, "id" | "name">[] }) {
  const list = useList<Token>("/tokens");
  return (
    <Panel title="Tokens for programs" id="tokens">
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      <ul class="evidence">
        {list.value?.map((token) => (
          <TokenRow key={token.id} token={token} onChange={list.reload} />
        ))}
      </ul>
      {users.length > 0 && <NewToken owners={users} onMade={list.reload} />}
    </Panel>
  );
}
