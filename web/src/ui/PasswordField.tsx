// A password: the one that is there, or a new one, which must be long enough.
import { Field } from "./forms.tsx";

const kShortest = 10;

export function PasswordField(props: {
  label: string;
  name?: string;
  isNew?: boolean;
  isAgain?: boolean; // the new one, typed once more
  value: string;
  onChange: (value: string) => void;
}) {
  const { label, name, isNew = false, isAgain = false, value, onChange } = props;
  return (
    <Field label={isNew && !isAgain ? `${label} (${kShortest} characters or more)` : label} name={name}>
      <input
        type="password"
        autocomplete={isNew ? "new-password" : "current-password"}
        required
        minLength={isNew ? kShortest : undefined}
        value={value}
        onInput={(e) => onChange(e.currentTarget.value)}
      />
    </Field>
  );
}
