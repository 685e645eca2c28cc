// Who uses Linnet: their roles and passwords, and the tokens of their programs.
import { useState } from "preact/hooks";
import type { User } from "../lib/api_types.ts";
import { post } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { loadSession, session } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { kRoles, rightsInWords } from "../lib/words.ts";
import { Badge, Panel, Time } from "../ui/basics.tsx";
import { Field, Form, FormButtons, useWork } from "../ui/forms.tsx";
import { PasswordField } from "../ui/PasswordField.tsx";
import { Page } from "../ui/Page.tsx";
import { Table, type Column } from "../ui/Table.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { OwnPassword } from "./OwnPassword.tsx";
import { Tokens } from "./Tokens.tsx";

function RoleChoice({ value, onChange }: { value: string; onChange: (role: string) => void }) {
  return (
    <select aria-label="Role" value={value} onChange={(e) => onChange(e.currentTarget.value)}>
      {Object.entries(kRoles).map(([role, words]) => (
        <option key={role} value={role}>
          {words}
        </option>
      ))}
    </select>
  );
}

function AddPerson({ first, onAdded }: { first: boolean; onAdded: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState(first ? "admin" : "viewer");
  const [password, setPassword] = useState("");
  const work = useWork();
  const submit = () =>
    void work.run(async () => {
      await post("/users", { name, role, password });
      setName("");
      setPassword("");
      onAdded();
      await loadSession();
    });
  return (
    <Panel title="Add a person" id="add-person">
      <Form work={work} onSubmit={submit} fields={["name", "password"]}>
        <Field label="Name (a to z, 0 to 9, . - _)" name="name">
          <input required autocomplete="off" value={name} onInput={(e) => setName(e.currentTarget.value)} />
        </Field>
        <Field label="Role">
          <RoleChoice value={role} onChange={setRole} />
        </Field>
        <PasswordField label="Password" name="password" isNew value={password} onChange={setPassword} />
        <FormButtons does="Add" busy={work.busy} />
      </Form>
    </Panel>
  );
}

const kColumns = (change: (user: User, body: object) => void): Column<User>[] => [
  {
    name: "Name",
    isHead: true,
    cell: (user) => (
      <>
        {user.name} {!user.is_active && <Badge kind="bad">not active</Badge>}
      </>
    ),
  },
  {
    name: "Role",
    cell: (user) => (
      <>
        <RoleChoice value={user.role} onChange={(role) => change(user, { role })} />
        {user.extra_permissions.length > 0 && <small> and {rightsInWords(user.extra_permissions)}</small>}
      </>
    ),
  },
  { name: "Last seen", kind: "plain", cell: (user) => (user.last_seen_at ? <Time at={user.last_seen_at} /> : "never") },
  {
    name: "Change",
    kind: "buttons",
    cell: (user) => (
      <div class="row">
        <button type="button" class="button small" onClick={() => change(user, { sign_out: true })}>
          Sign out everywhere
        </button>
        <button type="button" class="button small" onClick={() => change(user, { is_active: !user.is_active })}>
          {user.is_active ? "Deactivate" : "Activate"}
        </button>
      </div>
    ),
  },
];

function Everyone() {
  const list = useList<User>("/users");
  const { run, trouble } = useWork();
  const change = (user: User, body: object) =>
    void run(async () => {
      await post(`/users/${user.id}`, body);
      list.refresh();
    });
  return (
    <>
      {trouble}
      {list.loading && <Loading what="people" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && (
        <Empty title="Anyone at this computer has full access">
          <p>Add an admin to require sign-in.</p>
        </Empty>
      )}
      {!!list.value?.length && <Table label="People" columns={kColumns(change)} rows={list.value} keyOf={({ id }) => id} />}
      {list.value && <AddPerson first={list.value.length === 0} onAdded={list.reload} />}
      {!!list.value?.length && <Tokens users={list.value} />}
    </>
  );
}

export function People() {
  const who = useStore(session);
  const own = who?.user_id ? [{ id: who.user_id, name: who.name ?? "" }] : [];
  return (
    <Page name="People and access" width="wide">
      {who?.needs_password && who.user_id && <OwnPassword name={who.name ?? ""} />}
      {who?.permissions.includes("people") ? <Everyone /> : who && <Tokens users={own} />}
    </Page>
  );
}
