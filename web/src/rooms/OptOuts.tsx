// People who want nothing to do with Linnet. Only they can take that back.
import { useState } from "preact/hooks";
import type { BlocklistEntry } from "../lib/api_types.ts";
import { post } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { may } from "../lib/session.ts";
import { plainly, platformWord } from "../lib/words.ts";
import { MoreButton, Panel, Time } from "../ui/basics.tsx";
import { Field, Form, useWork } from "../ui/forms.tsx";
import { Failure, Loading } from "../ui/states.tsx";

function TakeBack({ entry, onDone }: { entry: BlocklistEntry; onDone: () => void }) {
  const [asks, setAsks] = useState(false);
  const [evidence, setEvidence] = useState("");
  const work = useWork();
  const submit = () => {
    void work.run(async () => {
      await post("/opt-outs/taken-back", {
        user_id: entry.value,
        platform: entry.platform ?? "",
        server_id: entry.server_id ?? "",
        evidence,
      });
      onDone();
    });
  };
  if (!asks) {
    return (
      <button type="button" class="button small" onClick={() => setAsks(true)}>
        They took it back
      </button>
    );
  }
  return (
    <Form work={work} onSubmit={submit} fields={["evidence"]}>
      <Field label="Where they said so" name="evidence" focus>
        <input required placeholder="https://example.social/@ada/1" value={evidence} onInput={(e) => setEvidence(e.currentTarget.value)} />
      </Field>
      <div class="row">
        <button type="submit" class="button small" disabled={work.busy}>
          Deal with them again
        </button>
        <button type="button" class="button small" onClick={() => setAsks(false)}>
          Not now
        </button>
      </div>
    </Form>
  );
}

export function OptOuts({ onChange }: { onChange: () => void }) {
  const list = useList<BlocklistEntry>("/blocklist?added_by=opt_out");
  return (
    <Panel title="People who opted out" id="opt-outs">
      {list.loading && <Loading what="who opted out" rows={1} />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <p class="faint">Nobody has asked to be left alone.</p>}
      {!!list.value?.length && (
        <ul class="opt-outs">
          {list.value.map((entry) => (
            <li key={entry.id}>
              <div>
                <b>{entry.address ?? entry.value}</b>
                {entry.address && entry.address !== entry.value && <span class="faint"> {entry.value}</span>}
                {entry.server_id && <span class="faint"> on {entry.server_id}</span>}{" "}
                <span class="faint">{entry.platform && platformWord(entry.platform)}</span>, <Time at={entry.created_at} />:{" "}
                {plainly(entry.reason)}
              </div>
              {may("consent") && (
                <TakeBack
                  entry={entry}
                  onDone={() => {
                    list.reload();
                    onChange();
                  }}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <MoreButton list={list} />
    </Panel>
  );
}
