// Who uses Linnet: roles, passwords, tokens.
import { useState } from "preact/hooks";
import { post, useList } from "../lib/api.ts";
import { loadSession } from "../lib/session.ts";
import { Badge, Panel, Time, Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

interface User {
  id: string;
  name: string;
  role: string;
  has_password: boolean;
  is_active: boolean;
  last_seen_at: string | null;
}

interface Token {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
}

const kRoles = ["viewer", "analyst", "author", "approver", "admin"];
const kScopes = ["read", "analyze", "act", "approve", "stop", "rules", "dm_read", "consent", "accounts", "people", "audit", "erase"];

function RoleChoice({ value, onChange }: { value: string; onChange: (role: string) => void }) {
  return (
    <select aria-label="Role" value={value} onChange={(e) => onChange(e.currentTarget.value)}>
      {kRoles.map((role) => (
        <option key={role}>{role}</option>
      ))}
    </select>
  );
}

function AddPerson({ first, onAdded }: { first: boolean; onAdded: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState(first ? "admin" : "viewer");
  const [password, setPassword] = useState("");
  const { busy, run, trouble } = useWork();
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await post("/users", { name, role, password });
      setName("");
      setPassword("");
      onAdded();
      await loadSession();
    });
  };
  return (
    <Panel title="Add a person" id="add-person">
      <form class="form" onSubmit={submit}>
        <Field label="Name (a to z, 0 to 9, . - _)">
          <input required autocomplete="off" value={name} onInput={(e) => setName(e.currentTarget.value)} />
        </Field>
        <Field label="Role">
          <RoleChoice value={role} onChange={setRole} />
        </Field>
        <Field label="Password (10 characters or more)">
          <input type="password" autocomplete="new-password" required minLength={10} value={password} onInput={(e) => setPassword(e.currentTarget.value)} />
        </Field>
        <button class="button" disabled={busy}>
          Add
        </button>
        {trouble}
      </form>
    </Panel>
  );
}

function PersonRow({ user, onChange }: { user: User; onChange: () => void }) {
  const { run, trouble } = useWork();
  const change = (body: object) => run(async () => { await post(`/users/${user.id}`, body); onChange(); });
  return (
    <tr>
      <td>
        {user.name} {!user.is_active && <Badge kind="bad">not active</Badge>}
        {trouble}
      </td>
      <td>
        <RoleChoice value={user.role} onChange={(role) => void change({ role })} />
      </td>
      <td>{user.last_seen_at ? <Time at={user.last_seen_at} /> : "never"}</td>
      <td>
        <div class="row">
          <button type="button" class="button small" onClick={() => void change({ sign_out: true })}>
            Sign out everywhere
          </button>
          <button type="button" class="button small" onClick={() => void change({ is_active: !user.is_active })}>
            {user.is_active ? "Deactivate" : "Activate"}
          </button>
        </div>
      </td>
    </tr>
  );
}

function Tokens({ users }: { users: User[] }) {
  const list = useList<Token>("/tokens");
  const [user, setUser] = useState("");
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState(["read"]);
  const [secret, setSecret] = useState("");
  const { busy, run, trouble } = useWork();
  const create = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      setSecret((await post<{ secret: string }>("/tokens", { name, scopes, user: user || users[0]!.id })).secret);
      list.reload();
    });
  };
  const toggle = (scope: string) => setScopes(scopes.includes(scope) ? scopes.filter((s) => s !== scope) : [...scopes, scope]);
  return (
    <Panel title="Tokens for programs" id="tokens">
      <ul class="evidence">
        {list.value?.map((token) => (
          <li key={token.id}>
            <b>{token.name}</b> {token.prefix}… {token.scopes.filter((s) => s !== "open").join(", ")}{" "}
            {token.revoked_at ? (
              <Badge kind="bad">revoked</Badge>
            ) : (
              <button type="button" class="button small" onClick={() => void run(async () => { await post(`/tokens/${token.id}/revoke`); list.reload(); })}>
                Revoke
              </button>
            )}
          </li>
        ))}
      </ul>
      {users.length > 0 && (
        <form class="form" onSubmit={create}>
          <Field label="Whose">
            <select value={user} onChange={(e) => setUser(e.currentTarget.value)}>
              {users.map((u) => (
                <option key={u.id} value={u.id}>
                  {u.name}
                </option>
              ))}
            </select>
          </Field>
          <Field label="What for">
            <input required value={name} onInput={(e) => setName(e.currentTarget.value)} />
          </Field>
          <fieldset class="quiet">
            <legend>May</legend>
            {kScopes.map((scope) => (
              <label class="check" key={scope}>
                <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
                {scope.replaceAll("_", " ")}
              </label>
            ))}
          </fieldset>
          <button class="button" disabled={busy}>
            Make a token
          </button>
        </form>
      )}
      {secret && (
        <p role="status">
          Shown this once: <code>{secret}</code>
        </p>
      )}
      {trouble}
    </Panel>
  );
}

export function People() {
  const list = useList<User>("/users");
  return (
    <div class="column">
      <div class="room-head">
        <Title name="People" />
      </div>
      {list.loading && <Loading what="people" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="Nobody has a password: whoever sits at this machine may do everything. Begin with an admin." />}
      {!!list.value?.length && (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Last seen</th>
              <th scope="col">
                <span class="hidden-text">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.value.map((user) => (
              <PersonRow key={user.id} user={user} onChange={list.reload} />
            ))}
          </tbody>
        </table>
      )}
      {list.value && <AddPerson first={list.value.length === 0} onAdded={list.reload} />}
      <Tokens users={list.value ?? []} />
    </div>
  );
}
