// Whoever is signed in changes their own password.
import { useState } from "preact/hooks";
import { ApiError } from "../lib/api.ts";
import { changePassword } from "../lib/session.ts";
import { Panel } from "../ui/basics.tsx";
import { Field, Form, FormButtons, useWork } from "../ui/forms.tsx";

export function OwnPassword({ name }: { name: string }) {
  const [before, setBefore] = useState("");
  const [after, setAfter] = useState("");
  const [again, setAgain] = useState("");
  const [done, setDone] = useState(false);
  const work = useWork();
  const submit = () => {
    setDone(false);
    void work.run(async () => {
      if (after !== again) throw new ApiError(400, "The new passwords are not the same", "Write the new one twice.");
      await changePassword(before, after);
      setBefore("");
      setAfter("");
      setAgain("");
      setDone(true);
    });
  };
  return (
    <Panel title="Your password" id="own-password">
      <Form work={work} onSubmit={submit} fields={["old", "password"]}>
        {/* So that a password manager knows whose it is. */}
        <input type="text" autocomplete="username" value={name} hidden readOnly />
        <Field label="Password now" name="old">
          <input
            type="password"
            autocomplete="current-password"
            required
            value={before}
            onInput={(e) => setBefore(e.currentTarget.value)}
          />
        </Field>
        <Field label="New password (10 characters or more)" name="password">
          <input
            type="password"
            autocomplete="new-password"
            required
            minLength={10}
            value={after}
            onInput={(e) => setAfter(e.currentTarget.value)}
          />
        </Field>
        <Field label="New password once more">
          <input
            type="password"
            autocomplete="new-password"
            required
            minLength={10}
            value={again}
            onInput={(e) => setAgain(e.currentTarget.value)}
          />
        </Field>
        <FormButtons does="Change password" busy={work.busy} />
        {done && <p role="status">Changed. Wherever else you were signed in, you are no more.</p>}
      </Form>
    </Panel>
  );
}
