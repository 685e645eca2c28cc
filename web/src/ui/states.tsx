// What stands where there is nothing yet, or something went wrong: always with what to do about it.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../lib/api.ts";

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

function advice(error: ApiError): string {
  if (error.status === 0) return "Is linnet still running? Start it with “linnet serve” and try again.";
  if (error.status === 404) return "It may have been removed, or the address is mistyped.";
  if (error.status === 400 || error.status === 422) return "Change what you asked for and try again.";
  if (error.status === 429) return "Too much was asked at once. Wait a moment and try again.";
  if (error.status === 401 || error.status === 403) return "This address needs a right that you do not have here.";
  return "The log of linnet says more. Try again in a moment.";
}

export function Failure({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  return (
    <div class="failure" role="alert">
      <p class="failure-title">{error.title || `The server answered ${error.status}`}</p>
      {error.detail && error.detail !== error.title && <p>{error.detail}</p>}
      <p>{advice(error)}</p>
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
