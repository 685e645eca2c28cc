// Where somebody has a password, everyone signs in.
import { useState } from "preact/hooks";
import { signIn } from "../lib/session.ts";
import { Title } from "../ui/basics.tsx";
import { BirdIcon } from "../ui/icons.tsx";
import { Field, Form, FormButtons, useWork } from "../ui/forms.tsx";
import { PasswordField } from "../ui/PasswordField.tsx";

export function SignIn() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const work = useWork();
  const submit = () => {
    void work.run(() => signIn(name, password));
  };
  return (
    <main class="sign-in">
      <p class="brand">
        <BirdIcon />
        <span>Linnet</span>
      </p>
      <Title name="Sign in" />
      <Form work={work} onSubmit={submit} fields={["name", "password"]}>
        <Field label="Name">
          <input autocomplete="username" required value={name} onInput={(e) => setName(e.currentTarget.value)} />
        </Field>
        <PasswordField label="Password" value={password} onChange={setPassword} />
        <FormButtons does="Sign in" busy={work.busy} isPrimary />
      </Form>
    </main>
  );
}
