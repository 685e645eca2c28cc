// Where somebody has a password, everyone signs in.
import { useState } from "preact/hooks";
import { signIn } from "../lib/session.ts";
import { Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";

export function SignIn() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { busy, run, trouble } = useWork();
  const submit = (event: Event) => {
    event.preventDefault();
    void run(() => signIn(name, password));
  };
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Sign in" />
      </div>
      <form class="form" onSubmit={submit}>
        <Field label="Name">
          <input autocomplete="username" required value={name} onInput={(e) => setName(e.currentTarget.value)} />
        </Field>
        <Field label="Password">
          <input type="password" autocomplete="current-password" required value={password} onInput={(e) => setPassword(e.currentTarget.value)} />
        </Field>
        <button class="button primary" disabled={busy}>
          Sign in
        </button>
        {trouble}
      </form>
    </div>
  );
}
