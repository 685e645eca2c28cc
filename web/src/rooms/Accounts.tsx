// The accounts that act: how they fare, and what they may do by themselves.
import { useRef } from "preact/hooks";
import type { Account } from "../lib/api_types.ts";
import { post } from "../lib/api.ts";
import { useFollowing, useList } from "../lib/list.ts";
import { counted, hostOf, moment } from "../lib/format.ts";
import { place } from "../lib/router.ts";
import { loadNotices, may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { credentialWord, plainly, platformWord } from "../lib/words.ts";
import { Badge, Panel, Time } from "../ui/basics.tsx";
import { Confirm, useWork } from "../ui/forms.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { AccountSettings } from "./AccountSettings.tsx";
import { AddAccount, SignInAgain } from "./AccountSignIn.tsx";

const pausedUntil = (account: Account) =>
  account.paused_until && Date.parse(account.paused_until) > Date.now() ? account.paused_until : null;
const isPaused = (account: Account) => account.needs_human || pausedUntil(account) !== null;
const needsSignIn = (account: Account) => account.is_removed || account.credential_state !== "ok" || account.messages_error !== null;

function State({ account }: { account: Account }) {
  if (account.is_removed) return <Badge>Removed</Badge>;
  if (account.credential_state !== "ok") return <Badge kind="bad">{credentialWord(account.credential_state)}</Badge>;
  if (!account.is_active) return <Badge kind="warn">Off</Badge>;
  if (isPaused(account)) return <Badge kind="warn">Paused</Badge>;
  return <Badge kind="positive">Ready</Badge>;
}

function Pause({ account, onChange }: { account: Account; onChange: () => void }) {
  const { busy, run, trouble } = useWork();
  const until = pausedUntil(account);
  const resume = () =>
    void run(async () => {
      await post(`/accounts/${account.id}/resume`);
      await loadNotices();
      onChange();
    });
  return (
    <>
      <p>
        Paused{" "}
        {account.needs_human || !until ? (
          "until somebody resumes it"
        ) : (
          <>
            until {moment(until)} (<Time at={until} />)
          </>
        )}
        : {plainly(account.pause_reason || "trouble with the platform")}
      </p>
      {may("approve") && (
        <div class="row">
          <button type="button" class="button small" disabled={busy} onClick={resume}>
            I looked at it: resume
          </button>
        </div>
      )}
      {trouble}
    </>
  );
}

function Switch({ account, onChange }: { account: Account; onChange: () => void }) {
  const { busy, run, trouble } = useWork();
  const set = (is_active: boolean) =>
    void run(async () => {
      await post(`/accounts/${account.id}/active`, { is_active });
      onChange();
    });
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          role="switch"
          checked={account.is_active}
          disabled={busy || !may("rules")}
          onChange={(e) => set(e.currentTarget.checked)}
        />
        Active: Linnet may act from this account
      </label>
      {trouble}
    </>
  );
}

function Remove({ account, onRemoved }: { account: Account; onRemoved: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, run, trouble } = useWork();
  const remove = () =>
    void run(async () => {
      await post(`/accounts/${account.id}/remove`);
      dialog.current?.close();
      await loadNotices();
      onRemoved();
    });
  return (
    <>
      <div class="row foot">
        <button type="button" class="button small" onClick={() => dialog.current?.showModal()}>
          Remove
        </button>
      </div>
      <Confirm
        dialog={dialog}
        id={`remove-${account.id}`}
        title={`Remove @${account.username}?`}
        no="Keep it"
        yes="Remove it"
        busy={busy}
        onYes={remove}
      >
        <p>
          Linnet forgets how to sign in and what it watches with the account.{" "}
          {account.pending_actions === 0
            ? "Nothing is pending."
            : `${counted(account.pending_actions, "pending action")} will be cancelled.`}{" "}
          What was done stays on record.
        </p>
        {trouble}
      </Confirm>
    </>
  );
}

function AccountCard({ account, onChange }: { account: Account; onChange: () => void }) {
  return (
    <Panel title={`@${account.username}`} id={`account-${account.id}`} aside={<State account={account} />}>
      <p class="faint">
        {account.display_name && `${account.display_name} · `}
        {platformWord(account.platform)} · {hostOf(account.instance)} · added <Time at={account.created_at} />
      </p>
      {account.credential_error && <p class="bad-text">{plainly(account.credential_error)}</p>}
      {account.messages_error && <p class="bad-text">Messages are not read: {plainly(account.messages_error)}</p>}
      {needsSignIn(account) && may("accounts") && <SignInAgain account={account} onDone={onChange} />}
      {isPaused(account) && <Pause account={account} onChange={onChange} />}
      {!account.is_removed && (
        <>
          <Switch account={account} onChange={onChange} />
          <details>
            <summary>Limits, quiet hours, approval</summary>
            <AccountSettings account={account} onSaved={onChange} />
          </details>
          {may("accounts") && <Remove account={account} onRemoved={onChange} />}
        </>
      )}
    </Panel>
  );
}

export function Accounts() {
  const { search } = useStore(place);
  const accounts = useList<Account>("/accounts");
  useFollowing(accounts.refresh);
  const came = search.get("signed_in");
  return (
    <Page name="Accounts">
      <p role="status">{came && `Signed in as ${came}.`}</p>
      {accounts.loading && <Loading what="accounts" />}
      {accounts.error && <Failure error={accounts.error} onRetry={accounts.reload} />}
      {accounts.value?.length === 0 && <Empty title="No account yet: add the one you post with" />}
      {accounts.value?.map((account) => (
        <AccountCard key={account.id} account={account} onChange={accounts.reload} />
      ))}
      {may("accounts") && <AddAccount onAdded={accounts.reload} />}
    </Page>
  );
}
