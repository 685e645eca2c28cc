// What makes a request known for the same one when it is sent again: its answer was lost, or a button was pressed twice.
import { useRef } from "preact/hooks";
import { ApiError } from "./api.ts";

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is missing where a page came without https
  return `web-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

// The key was used, and for something else than is asked for now.
const wasUsed = (error: unknown) => error instanceof ApiError && error.status === 409 && error.detail.startsWith("request_key");

const kArrived =
  "What you sent before has arrived, though its answer was lost. It is under Actions. To send what stands here as well, send it again.";

// A key for each form from the moment it opens; another one only after the answer to what was sent has come.
export function useRequestKey() {
  const key = useRef("");
  key.current ||= newKey();
  return async <T>(send: (key: string) => Promise<T>): Promise<T> => {
    try {
      const answer = await send(key.current);
      key.current = newKey();
      return answer;
    } catch (error) {
      if (!wasUsed(error)) throw error;
      key.current = newKey();
      throw new ApiError(409, kArrived, "");
    }
  };
}
