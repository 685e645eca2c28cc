// Whoever is signed in changes their own password.
import { useState } from "preact/hooks";
import { ApiError } from "../lib/api.ts";
import { changePassword } from "../lib/session.ts";
import { Panel } from "../ui/basics.tsx";
import { Form, FormButtons, useWork } from "../ui/forms.tsx";
import { PasswordField } from "../ui/PasswordField.tsx";

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
        <PasswordField label="Password now" name="old" value={before} onChange={setBefore} />
        <PasswordField label="New password" name="password" isNew value={after} onChange={setAfter} />
        <PasswordField label="New password once more" isNew isAgain value={again} onChange={setAgain} />
        <FormButtons does="Change password" busy={work.busy} />
        {done && <p role="status">Changed. Wherever else you were signed in, you are no more.</p>}
      </Form>
    </Panel>
  );
}
