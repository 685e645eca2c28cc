// The limits, quiet hours and approvals of each account, beside the other rules.
import type { Account } from "../lib/api_types.ts";
import { useList } from "../lib/list.ts";
import { Panel } from "../ui/basics.tsx";
import { platformWord } from "../lib/words.ts";
import { Failure, Loading } from "../ui/states.tsx";
import { AccountSettings } from "./AccountSettings.tsx";

export function AccountRules() {
  const accounts = useList<Account>("/accounts");
  const settable = accounts.value?.filter((account) => !account.is_removed);
  return (
    <Panel title="Limits, quiet hours, approval" id="account-rules">
      {accounts.loading && <Loading what="accounts" rows={1} />}
      {accounts.error && <Failure error={accounts.error} onRetry={accounts.reload} />}
      {settable?.length === 0 && (
        <p class="faint">
          They belong to each account; <a href="/manage/accounts">add one</a>.
        </p>
      )}
      {settable?.map((account) => (
        <details key={account.id}>
          <summary>
            @{account.username} <span class="faint">{platformWord(account.platform)}</span>
          </summary>
          <AccountSettings account={account} onSaved={accounts.reload} />
        </details>
      ))}
    </Panel>
  );
}
