// What an account may do by itself, how much of it, and when.
import { useState } from "preact/hooks";
import type { Account } from "../lib/api_types.ts";
import { post } from "../lib/api.ts";
import { may } from "../lib/session.ts";
import { Field, Form, useWork } from "../ui/forms.tsx";
import { QuietHours } from "../ui/QuietHours.tsx";

const kLimits = [
  ["likesPerHour", "Likes an hour"],
  ["commentsPerHour", "Comments an hour"],
  ["dmsPerHour", "Messages an hour"],
  ["postsPerHour", "Posts an hour"],
] as const;
const kRests = [
  ["afterLike", "After a like"],
  ["afterComment", "After a comment"],
  ["afterDm", "After a message"],
  ["afterPost", "After a post"],
] as const;
const kApprovals = [
  ["likes", "Likes"],
  ["comments", "Comments"],
  ["dms", "Messages (never the first to somebody)"],
  ["posts", "Posts"],
] as const;

function Numbers<Name extends string>(props: {
  names: readonly (readonly [Name, string])[];
  values: Record<Name, number>;
  onChange: (values: Record<Name, number>) => void;
}) {
  return (
    <div class="fields">
      {props.names.map(([name, label]) => (
        <Field key={name} label={label}>
          <input
            type="number"
            min="0"
            value={props.values[name]}
            onInput={(e) => props.onChange({ ...props.values, [name]: Number(e.currentTarget.value) })}
          />
        </Field>
      ))}
    </div>
  );
}

export function AccountSettings({ account, onSaved }: { account: Account; onSaved: () => void }) {
  const [settings, setSettings] = useState(account.settings);
  const [saved, setSaved] = useState(false);
  const work = useWork();
  const change = (changed: Partial<Account["settings"]>) => {
    setSaved(false);
    setSettings({ ...settings, ...changed });
  };
  const save = () => {
    void work.run(async () => {
      await post(`/accounts/${account.id}/settings`, settings);
      setSaved(true);
      onSaved();
    });
  };
  return (
    <Form class="account-settings" label={`Settings of ${account.username}`} work={work} onSubmit={save}>
      <Numbers names={kLimits} values={settings.rateLimit} onChange={(rateLimit) => change({ rateLimit })} />
      <fieldset class="quiet">
        <legend>Pause between actions (s)</legend>
        <Numbers names={kRests} values={settings.cooldown} onChange={(cooldown) => change({ cooldown })} />
      </fieldset>
      <fieldset class="quiet">
        <legend>Publish without approval</legend>
        {kApprovals.map(([name, label]) => (
          <label class="check" key={name}>
            <input
              type="checkbox"
              checked={settings.autoApprove[name]}
              onChange={(e) => change({ autoApprove: { ...settings.autoApprove, [name]: e.currentTarget.checked } })}
            />
            {label}
          </label>
        ))}
        <Field label="A request for approval waits this many hours">
          <input
            type="number"
            min="1"
            max="2160"
            value={settings.approvalHours}
            onInput={(e) => change({ approvalHours: Number(e.currentTarget.value) })}
          />
        </Field>
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={settings.warmUp} onChange={(e) => change({ warmUp: e.currentTarget.checked })} />
        Go slowly in the first days of a new account
      </label>
      <QuietHours settings={settings} onChange={(quietHours) => change({ quietHours })} />
      <div class="row">
        <button type="submit" class="button" disabled={work.busy || !may("rules")}>
          Save
        </button>
        <span role="status">{saved && "Saved."}</span>
      </div>
    </Form>
  );
}
