// Who uses Linnet: their roles and passwords, and the tokens of their programs.
import { useState } from "preact/hooks";
import { post, useList } from "../lib/api.ts";
import { loadSession, session } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { Badge, Panel, Time, Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { OwnPassword } from "./OwnPassword.tsx";
import { Tokens } from "./Tokens.tsx";

interface User {
  id: string;
  name: string;
  role: string;
  extra_permissions: string[];
  has_password: boolean;
  is_active: boolean;
  last_seen_at: string | null;
}

const kRoles = ["viewer", "analyst", "author", "approver", "admin"];

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
        {user.extra_permissions.length > 0 && <small> and {user.extra_permissions.join(", ").replaceAll("_", " ")}</small>}
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

function Everyone() {
  const list = useList<User>("/users");
  return (
    <>
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
    </>
  );
}

export function People() {
  const who = useStore(session);
  const own = who?.user_id ? [{ id: who.user_id, name: who.name ?? "" }] : [];
  return (
    <div class="column">
      <div class="room-head">
        <Title name="People and access" />
      </div>
      {who?.needs_password && who.user_id && <OwnPassword name={who.name ?? ""} />}
      {who?.permissions.includes("people") ? <Everyone /> : who && <Tokens users={own} />}
    </div>
  );
}
