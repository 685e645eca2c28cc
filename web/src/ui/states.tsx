// What stands where there is nothing yet, or something went wrong: always with what to do about it.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../lib/api.ts";
import { adviceFor, plainly } from "../lib/words.ts";

// Shown only when the answer takes long enough to be noticed.
export function Loading({ what, rows = 3 }: { what: string; rows?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="loading" role="status">
      <span class="hidden-text">Loading {what}</span>
      {late && Array.from({ length: rows }, (_, i) => <div class="ghost" key={i} />)}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  return (
    <div class="failure" role="alert">
      <p class="failure-title">{error.title || plainly(error.detail)}</p>
      {error.title && <p>{error.detail ? plainly(error.detail) : adviceFor(error.status)}</p>}
      {onRetry && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function FirstSteps() {
  return (
    <>
      <a class="button primary" href="/manage/accounts">
        Add an account
      </a>
      <p>Give Linnet something to watch. In a terminal:</p>
      <dl class="commands">
        <dt>Follow your own network, live</dt>
        <dd>
          <code>linnet account add mastodon https://your.server</code>
        </dd>
        <dt>Read in a recorded stream</dt>
        <dd>
          <code>linnet import events FILE --instance https://your.server</code>
        </dd>
        <dt>Read in your account’s archive</dt>
        <dd>
          <code>linnet import archive FILE.zip</code>
        </dd>
        <dt>Just look around, with sample data</dt>
        <dd>
          <code>linnet demo</code>
        </dd>
      </dl>
    </>
  );
}
