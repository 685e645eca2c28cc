import { useCallback, useEffect, useState } from "preact/hooks";
import { useResource } from "../lib/resource.ts";
import { counted, hostOf } from "../lib/format.ts";
import { type LiveMessage, useLive } from "../lib/live.ts";
import type { Connector } from "../lib/api_types.ts";
import { connectorState, plainly, streamWord } from "../lib/words.ts";
import { Figure, Time } from "../ui/basics.tsx";
import { ReadPanel } from "../ui/ReadPanel.tsx";

const kReadMs = 30_000;

function RateLimit({ limit }: { limit: NonNullable<Connector["rate_limit"]> }) {
  const { limit: most, remaining, reset_at: at } = limit;
  if (most === null || remaining === null) return null;
  return (
    <p class="limit">
      <meter min={0} max={most} low={most / 10} value={remaining} aria-label="Requests left" />
      <span>
        {remaining} of {most} requests left, new ones {at && Date.parse(at) > Date.now() ? <Time at={at} /> : "now"}
      </span>
    </p>
  );
}

function ConnectorRow({ connector }: { connector: Connector }) {
  const state = connectorState(connector.state);
  return (
    <li class="connector">
      <p class="connector-name">
        <span class={`dot ${state.kind}`} aria-hidden="true" />
        <b>{hostOf(connector.instance)}</b>
        <span class="faint">{streamWord(connector.stream)}</span>
        <span class={`state ${state.kind}`}>{state.name}</span>
      </p>
      <p class="faint">
        <Figure value={connector.events} /> {connector.events === 1 ? "event" : "events"}
        {connector.last_event_at && (
          <>
            , last <Time at={connector.last_event_at} />
          </>
        )}
        {connector.reconnects > 0 && `, ${counted(connector.reconnects, "reconnect")}`}
        {connector.gaps_filled > 0 && `, ${counted(connector.gaps_filled, "gap")} filled`}
      </p>
      {connector.last_error && connector.state !== "live" && <p class="connector-error">{plainly(connector.last_error)}</p>}
      {connector.rate_limit && <RateLimit limit={connector.rate_limit} />}
    </li>
  );
}

export function Connectors() {
  const read = useResource<{ items: Connector[] }>("/connectors", kReadMs);
  const [news, setNews] = useState(new Map<string, Connector>());
  useEffect(() => setNews(new Map()), [read.value]);
  useLive(
    useCallback((message: LiveMessage) => {
      if (message.type === "connector") setNews((old) => new Map(old).set(String(message.id), message));
    }, []),
  );

  const all = new Map((read.value?.items ?? []).map((one) => [String(one.id), one]));
  for (const [id, one] of news) all.set(id, one);
  const connectors = [...all.values()];
  const live = connectors.filter((one) => one.state === "live").length;
  return (
    <ReadPanel
      title="Connectors"
      id="connectors-title"
      aside={connectors.length > 0 && <span class="faint">{`${live} of ${connectors.length} live`}</span>}
      what="connectors"
      read={read}
      isRead={read.value !== undefined}
      isEmpty={connectors.length === 0}
      empty="No network is connected"
      step={{ does: "Add an account", href: "/manage/accounts" }}
    >
      <ul class="connectors">
        {connectors.map((connector) => (
          <ConnectorRow key={connector.id} connector={connector} />
        ))}
      </ul>
    </ReadPanel>
  );
}
