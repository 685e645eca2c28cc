// What an account may do by itself, how much of it, and when.
import { useState } from "preact/hooks";
import type { Account } from "../lib/acting.ts";
import { post } from "../lib/api.ts";
import { may } from "../lib/session.ts";
import { Field, useWork } from "../ui/forms.tsx";
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
          <input type="number" min="0" value={props.values[name]} onInput={(e) => props.onChange({ ...props.values, [name]: Number(e.currentTarget.value) })} />
        </Field>
      ))}
    </div>
  );
}

export function AccountSettings({ account, onSaved }: { account: Account; onSaved: () => void }) {
  const [settings, setSettings] = useState(account.settings);
  const [saved, setSaved] = useState(false);
  const { busy, run, trouble } = useWork();
  const change = (changed: Partial<Account["settings"]>) => {
    setSaved(false);
    setSettings({ ...settings, ...changed });
  };
  const save = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await post(`/accounts/${account.id}/settings`, settings);
      setSaved(true);
      onSaved();
    });
  };
  return (
    <form class="form account-settings" onSubmit={save} aria-label={`Settings of ${account.username}`}>
      <Numbers names={kLimits} values={settings.rateLimit} onChange={(rateLimit) => change({ rateLimit })} />
      <fieldset class="quiet">
        <legend>Seconds of rest</legend>
        <Numbers names={kRests} values={settings.cooldown} onChange={(cooldown) => change({ cooldown })} />
      </fieldset>
      <fieldset class="quiet">
        <legend>Goes out without a person’s word</legend>
        {kApprovals.map(([name, label]) => (
          <label class="check" key={name}>
            <input type="checkbox" checked={settings.autoApprove[name]} onChange={(e) => change({ autoApprove: { ...settings.autoApprove, [name]: e.currentTarget.checked } })} />
            {label}
          </label>
        ))}
        <Field label="A request for approval waits this many hours">
          <input type="number" min="1" max="2160" value={settings.approvalHours} onInput={(e) => change({ approvalHours: Number(e.currentTarget.value) })} />
        </Field>
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={settings.warmUp} onChange={(e) => change({ warmUp: e.currentTarget.checked })} />
        Go slowly in the first days of a new account
      </label>
      <QuietHours settings={settings} onChange={(quietHours) => change({ quietHours })} />
      <div class="row">
        <button class="button" disabled={busy || !may("rules")}>
          Save
        </button>
        <span role="status">{saved && "Saved."}</span>
      </div>
      {trouble}
    </form>
  );
}
