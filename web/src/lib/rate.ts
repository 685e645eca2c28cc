// The event rate of the last minutes, gathered for as long as the page is open, so that the chart is there when the
// reader comes back to it.
import { listen } from "./live.ts";
import { Store } from "./store.ts";

export interface RatePoint {
  at: number; // seconds
  value: number;
}

export const kRateSeconds = 120;
export const rateHistory = new Store<RatePoint[]>([]);

export function startRateHistory(): void {
  listen((message) => {
    if (message.type !== "rate") return;
    const at = Date.now() / 1000;
    const kept = rateHistory.get().filter((point) => point.at > at - kRateSeconds - 5);
    rateHistory.set([...kept, { at, value: message.events_per_second }]);
  });
}
