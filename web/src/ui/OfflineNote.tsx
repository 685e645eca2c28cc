// While nothing is heard of Linnet, what is shown is as old as it is said here.
import { useEffect, useState } from "preact/hooks";
import { clockTime } from "../lib/format.ts";
import { lostSince } from "../lib/live.ts";
import { useStore } from "../lib/store.ts";

const kPatienceMs = 4000; // a restart of the program is over by then

export function OfflineNote() {
  const since = useStore(lostSince);
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (since === null) return;
    const timer = setTimeout(() => setLong(true), kPatienceMs);
    return () => clearTimeout(timer);
  }, [since]);
  useEffect(() => {
    document.documentElement.toggleAttribute("data-offline", since !== null && isLong);
  }, [since, isLong]);
  if (since === null || !isLong) return null;
  return (
    <p class="lag-note" role="status">
      Linnet does not answer. What you see is as of {clockTime(since)}.
    </p>
  );
}
