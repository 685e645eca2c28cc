// Somebody asks for what is kept of them, or wants it gone.
import { useState } from "preact/hooks";
import { get, post, withParameters } from "../lib/api.ts";
import { fullNumber } from "../lib/format.ts";
import type { Job, PersonErasure } from "../lib/api_types.ts";
import { Panel } from "../ui/basics.tsx";
import { Field, Form, FormButtons, useWork } from "../ui/forms.tsx";

const kNames: [keyof PersonErasure, string][] = [
  ["posts", "posts"],
  ["boosts", "boosts of theirs by others"],
  ["replies", "replies to them"],
  ["mentions", "mentions of them"],
  ["messages", "direct messages"],
  ["actions", "actions"],
  ["consents", "consents"],
  ["blocks", "blocklist entries"],
];

function inWords(figures: PersonErasure): string {
  const words = kNames.filter(([name]) => figures[name]).map(([name, text]) => `${fullNumber(figures[name])} ${text}`);
  return words.length > 0 ? words.join(", ") : "nothing but their name";
}

function save(name: string, value: unknown): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(value, null, 1)], { type: "application/json" }));
  link.download = `${name}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function finished(id: string): Promise<Job> {
  for (;;) {
    const job = await get<Job>(`/jobs/${encodeURIComponent(id)}`);
    if (job.state !== "running") return job;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export function PersonData() {
  const [address, setAddress] = useState("");
  const [again, setAgain] = useState("");
  const [found, setFound] = useState<PersonErasure | null>(null);
  const [said, setSaid] = useState("");
  const work = useWork();
  const look = () => {
    setSaid("");
    void work.run(async () => setFound(await get<PersonErasure>(withParameters("/persons/erasure", { address }))));
  };
  const hand = () => void work.run(async () => save(address, await get(withParameters("/persons/record", { address }))));
  const erase = () =>
    void work.run(async () => {
      const { job } = await post<{ job: string }>("/persons/erase", { address, confirm: again });
      const done = await finished(job);
      if (done.state !== "done") throw new Error(done.message || "It could not be finished; try again.");
      setSaid(`${address} is erased. Nobody deals with them any more; backups made before still hold them.`);
      setFound(null);
      setAddress("");
      setAgain("");
    });
  return (
    <Panel title="Somebody asks for their data" id="person-data">
      <Form work={work} onSubmit={look} fields={["address", "confirm"]}>
        <Field label="Address" name="address">
          <input
            required
            placeholder="ada@example.social"
            value={address}
            onInput={(e) => {
              setAddress(e.currentTarget.value);
              setFound(null);
            }}
          />
        </Field>
        <FormButtons does="Look" busy={work.busy} />
        {found && (
          <>
            <p role="status">Kept of them: {inWords(found)}.</p>
            <button type="button" class="button" disabled={work.busy} onClick={hand}>
              Save it all as a file
            </button>
            <Field label="To erase them for good, write the address again">
              <input value={again} onInput={(e) => setAgain(e.currentTarget.value)} />
            </Field>
            <button type="button" class="button danger" disabled={work.busy || again !== address} onClick={erase}>
              Erase
            </button>
          </>
        )}
        {said && <p role="status">{said}</p>}
      </Form>
    </Panel>
  );
}
