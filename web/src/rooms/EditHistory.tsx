import { useState } from "preact/hooks";
import type { Version } from "../lib/api_types.ts";
import { Segmented, Time } from "../ui/basics.tsx";
import { Diff } from "../ui/Diff.tsx";
import { isScored, Mood, MoodChange } from "../ui/Mood.tsx";
import { PostContent } from "../ui/PostContent.tsx";
import { Empty } from "../ui/states.tsx";

type Shown = "changes" | "text";

function Tone({ version, before }: { version: Version; before: Version | undefined }) {
  if (!version.sentiment) return null;
  if (isScored(before?.sentiment) && isScored(version.sentiment) && before.sentiment.label !== version.sentiment.label) {
    return <MoodChange before={before.sentiment} after={version.sentiment} />;
  }
  return <Mood sentiment={version.sentiment} />;
}

function VersionItem(props: { version: Version; before?: Version; shown: Shown; language: string | null }) {
  const { version, before, shown, language } = props;
  const warning = before && before.spoiler_text !== version.spoiler_text;
  return (
    <li class="version">
      <header class="version-head">
        <h3>Version {version.version_seq}</h3>
        <span class="faint">
          {version.version_seq === 1 ? "posted" : "edited"} <Time at={version.valid_from} />
          {version.valid_to && (
            <>
              , replaced <Time at={version.valid_to} />
            </>
          )}
        </span>
        <Tone version={version} before={before} />
      </header>
      {warning && (
        <p class="diff">
          Warning: <del>{before.spoiler_text || "none"}</del> <ins>{version.spoiler_text || "none"}</ins>
        </p>
      )}
      {shown === "changes" && version.diff ? (
        <Diff parts={version.diff} language={language} />
      ) : (
        <PostContent post={{ content_html: version.content_html, spoiler_text: version.spoiler_text, language }} clip={false} />
      )}
    </li>
  );
}

export function EditHistory({ versions, language }: { versions: Version[]; language: string | null }) {
  const [shown, setShown] = useState<Shown>("changes");
  const ordered = [...versions].sort((a, b) => a.version_seq - b.version_seq);
  if (ordered.length <= 1) {
    return (
      <Empty title="Never edited">
        <p>As far as Linnet has seen. A later edit will be shown here word by word.</p>
      </Empty>
    );
  }
  return (
    <>
      <Segmented
        label="How versions are shown"
        name="versions"
        value={shown}
        onChange={setShown}
        choices={[
          { value: "changes", label: "Changes" },
          { value: "text", label: "Full text" },
        ]}
      />
      <ol class="versions" reversed>
        {ordered
          .map((version, i) => (
            <VersionItem key={version.version_seq} version={version} before={ordered[i - 1]} shown={shown} language={language} />
          ))
          .reverse()}
      </ol>
    </>
  );
}
