// The accounts that act: how they fare, and what they may do by themselves.
import { useState } from "preact/hooks";
import type { Account, Settings } from "../lib/acting.ts";
import { post, useList } from "../lib/api.ts";
import { may } from "../lib/session.ts";
import { Badge, Panel, Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

const kPlatforms = [
  { value: "mastodon", label: "Mastodon", address: "https://mastodon.social", secret: "Access token" },
  { value: "bluesky", label: "Bluesky", address: "https://bsky.social", secret: "App password" },
];

function AddAccount({ onAdded }: { onAdded: () => void }) {
  const [platform, setPlatform] = useState(kPlatforms[0]!);
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [secret, setSecret] = useState("");
  const { busy, run, trouble } = useWork();
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await post("/accounts", { platform: platform.value, address, name, secret });
      setSecret("");
      onAdded();
    });
  };
  return (
    <Panel title="Add an account" id="add-account">
      <form class="form" onSubmit={submit}>
        <Field label="Network">
          <select value={platform.value} onChange={(e) => setPlatform(kPlatforms.find((p) => p.value === e.currentTarget.value)!)}>
            {kPlatforms.map((p) => (
              <option key={p.value} value={p.value}>
                {p.label}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Address of the server">
          <input required placeholder={platform.address} value={address} onInput={(e) => setAddress(e.currentTarget.value)} />
        </Field>
        {platform.value === "bluesky" && (
          <Field label="Handle">
            <input required placeholder="ada.bsky.social" value={name} onInput={(e) => setName(e.currentTarget.value)} />
          </Field>
        )}
        <Field label={platform.secret}>
          <input type="password" required autocomplete="off" value={secret} onInput={(e) => setSecret(e.currentTarget.value)} />
        </Field>
        <button class="button primary" disabled={busy}>
          Add
        </button>
        {trouble}
      </form>
    </Panel>
  );
}

// The day as a row of hours: quiet ones are pressed. A click moves the nearer end.
function QuietHours({ settings, onChange }: { settings: Settings; onChange: (quiet: Settings["quietHours"]) => void }) {
  const quiet = settings.quietHours ?? { enabled: false, startHour: 23, endHour: 7, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  const { startHour: start, endHour: end } = quiet;
  const isQuiet = (hour: number) =>
    quiet.enabled && start !== end && (start > end ? hour >= start || hour < end : hour >= start && hour < end);
  const press = (hour: number) => {
    if (!quiet.enabled) return onChange({ ...quiet, enabled: true, startHour: hour, endHour: (hour + 8) % 24 });
    const distance = (from: number) => Math.min((hour - from + 24) % 24, (from - hour + 24) % 24);
    onChange(distance(start) < distance(end) ? { ...quiet, startHour: hour } : { ...quiet, endHour: (hour + 1) % 24 });
  };
  return (
    <fieldset class="quiet">
      <legend>Quiet hours</legend>
      <label class="check">
        <input type="checkbox" checked={quiet.enabled} onChange={(e) => onChange({ ...quiet, enabled: e.currentTarget.checked })} />
        Nothing goes out in these hours
      </label>
      <div class="hours">
        {Array.from({ length: 24 }, (_, hour) => (
          <button type="button" key={hour} aria-pressed={isQuiet(hour)} onClick={() => press(hour)} title={`${hour}:00`}>
            {hour}
          </button>
        ))}
      </div>
      <Field label="Time zone">
        <input value={quiet.timezone} onChange={(e) => onChange({ ...quiet, timezone: e.currentTarget.value })} />
      </Field>
    </fieldset>
  );
}

const kLimits = [
  ["likesPerHour", "Likes an hour"],
  ["commentsPerHour", "Comments an hour"],
  ["dmsPerHour", "Messages an hour"],
  ["postsPerHour", "Posts an hour"],
] as const;
const kApprovals = [
  ["likes", "Likes"],
  ["comments", "Comments"],
  ["dms", "Messages (never the first to somebody)"],
  ["posts", "Posts"],
] as const;

function AccountSettings({ account, onSaved }: { account: Account; onSaved: () => void }) {
  const [settings, setSettings] = useState(account.settings);
  const { busy, run, trouble } = useWork();
  const save = (event: Event) => {
    event.preventDefault();
    const { rateLimit, quietHours, autoApprove } = settings;
    void run(async () => {
      await post(`/accounts/${account.id}/settings`, { rateLimit, quietHours, autoApprove });
      onSaved();
    });
  };
  return (
    <form class="form" onSubmit={save}>
      <div class="fields">
        {kLimits.map(([name, label]) => (
          <Field key={name} label={label}>
            <input
              type="number"
              min="0"
              value={settings.rateLimit[name]}
              onInput={(e) => setSettings({ ...settings, rateLimit: { ...settings.rateLimit, [name]: Number(e.currentTarget.value) } })}
            />
          </Field>
        ))}
      </div>
      <fieldset class="quiet">
        <legend>Goes out without a person’s word</legend>
        {kApprovals.map(([name, label]) => (
          <label class="check" key={name}>
            <input
              type="checkbox"
              checked={settings.autoApprove[name]}
              onChange={(e) => setSettings({ ...settings, autoApprove: { ...settings.autoApprove, [name]: e.currentTarget.checked } })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <QuietHours settings={settings} onChange={(quietHours) => setSettings({ ...settings, quietHours })} />
      <button class="button" disabled={busy || !may("rules")}>
        Save
      </button>
      {trouble}
    </form>
  );
}

function AccountCard({ account, onChange }: { account: Account; onChange: () => void }) {
  const { run, trouble } = useWork();
  const resume = () => run(async () => { await post(`/accounts/${account.id}/resume`); onChange(); });
  const fine = account.is_active && account.credential_state === "ok" && !account.needs_human;
  return (
    <Panel title={`@${account.username}`} id={`account-${account.id}`} aside={<Badge kind={fine ? "positive" : "bad"}>{fine ? "Ready" : account.credential_state.replaceAll("_", " ")}</Badge>}>
      <p class="faint">
        {account.platform} · {account.instance}
      </p>
      {account.credential_error && <p class="bad-text">{account.credential_error}</p>}
      {account.messages_error && <p class="bad-text">Messages are not read: {account.messages_error}</p>}
      {account.needs_human && (
        <p>
          Paused: {account.pause_reason}{" "}
          <button type="button" class="button small" onClick={resume}>
            I looked at it: resume
          </button>
        </p>
      )}
      {trouble}
      <details>
        <summary>Limits, quiet hours, approval</summary>
        <AccountSettings account={account} onSaved={onChange} />
      </details>
    </Panel>
  );
}

export function Accounts() {
  const accounts = useList<Account>("/accounts");
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Accounts" />
      </div>
      {accounts.loading && <Loading what="accounts" />}
      {accounts.error && <Failure error={accounts.error} onRetry={accounts.reload} />}
      {accounts.value?.length === 0 && <Empty title="No account yet: add the one you post with" />}
      {accounts.value?.map((account) => <AccountCard key={account.id} account={account} onChange={accounts.reload} />)}
      {may("accounts") && <AddAccount onAdded={accounts.reload} />}
    </div>
  );
}
