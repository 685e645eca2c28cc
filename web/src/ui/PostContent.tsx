import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { knownLanguage } from "../lib/format.ts";
import { renderPostHtml } from "../lib/html.ts";
import type { Post } from "../lib/api_types.ts";

function Html({ html, language, clip }: { html: string; language: string | null; clip: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const [clipped, setClipped] = useState(false);
  useLayoutEffect(() => {
    const element = box.current!;
    element.replaceChildren(renderPostHtml(html));
    setClipped(clip && element.scrollHeight > element.clientHeight + 8);
  }, [html, clip]);
  const kind = `${clip ? "clip" : ""} ${clipped ? "clipped" : ""}`;
  return <div ref={box} class={`content ${kind}`} lang={knownLanguage(language)} dir="auto" />;
}

// The text of a post; behind its warning if it has one. `clip` keeps a long one short in lists.
export function PostContent({ post, clip }: { post: Pick<Post, "content_html" | "spoiler_text" | "language">; clip: boolean }) {
  const html = <Html html={post.content_html ?? ""} language={post.language} clip={clip} />;
  if (!post.spoiler_text) return html;
  return (
    <details class="spoiler">
      <summary dir="auto">{post.spoiler_text}</summary>
      {html}
    </details>
  );
}
