// What forms are made of.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "../lib/api.ts";
import { Failure } from "./states.tsx";

export function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  );
}

// Runs one thing at a time, and keeps what went wrong.
export function useWork() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (failure) {
      setError(failure instanceof ApiError ? failure : new ApiError(0, "Something went wrong here", String(failure)));
    } finally {
      setBusy(false);
    }
  };
  return { busy, run, trouble: error && <Failure error={error} /> };
}
