// Files go to Linnet ahead of the post, each by itself and as it is, as soon as they are chosen.
import type { PlatformLimits } from "./api_types.ts";
import { asApiError, csrfToken, kBase, noAnswer, notLinnet, problemOf } from "./api.ts";
import { fileSize } from "./format.ts";

const kMost = 100 * 2 ** 20; // that Linnet takes

// Why it would be sent in vain, as far as that can be told; empty: it may go.
export function refusalOf(file: File, limits: PlatformLimits | null): string {
  if (file.size === 0) return "It is empty.";
  const ofServer = file.type.startsWith("image/") ? limits?.max_image_bytes : limits?.max_video_bytes;
  if (ofServer === 0) return "The account’s server takes no films and no sounds.";
  const most = Math.min(kMost, ofServer ?? kMost);
  if (file.size <= most) return "";
  return `It has ${fileSize(file.size)}, and at most ${fileSize(most)} can be sent. Make it smaller.`;
}

export function sayTrouble(error: unknown): string {
  const { status, title, detail } = asApiError(error);
  if (status === 0) return `${title}, or the file can no longer be read.`;
  return `${title || detail}.`;
}

// fetch() does not tell how much has left.
function send(file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${kBase}/media`);
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("x-linnet-csrf", csrfToken());
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      if (request.status >= 300) return reject(problemOf(request.status, request.responseText));
      try {
        resolve(String(JSON.parse(request.responseText).upload));
      } catch {
        reject(notLinnet());
      }
    };
    request.onerror = () => reject(noAnswer());
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

// One after the other: a browser opens few connections, and the rest of the page needs some.
let before: Promise<unknown> = Promise.resolve();

// What Linnet calls the file once it is there.
export function sendFile(file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const turn = before.then(() => (signal.aborted ? Promise.reject(signal.reason) : send(file, onProgress, signal)));
  before = turn.catch(() => {});
  return turn;
}
