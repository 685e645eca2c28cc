// Addresses: the app is one page, its links are real links, and «back» goes back to the same place.
import { movedPath } from "./moved.ts";
import { Store } from "./store.ts";

export interface Place {
  path: string;
  search: URLSearchParams;
}

// An old address is replaced by where it leads now, with all that stands behind its path.
function here(): Place {
  const path = movedPath(location.pathname);
  if (path !== location.pathname) history.replaceState(history.state, "", path + location.search + location.hash);
  return { path: location.pathname.replace(/(.)\/+$/, "$1"), search: new URLSearchParams(location.search) };
}

export const place = new Store<Place>(here());

let cameBack = false;

// Whether the current address was reached by the browser's back or forward.
export function arrivedByBack(): boolean {
  return cameBack;
}

function rememberScroll(): void {
  history.replaceState({ ...history.state, scroll: scrollY }, "");
}

export function navigate(href: string, options: { replace?: boolean } = {}): void {
  cameBack = false;
  if (options.replace) {
    history.replaceState(history.state, "", href);
  } else {
    rememberScroll();
    history.pushState({}, "", href);
    scrollTo(0, 0);
  }
  place.set(here());
}

// The list may still be loading, so try until the page is long enough.
function restoreScroll(top: number): void {
  const until = performance.now() + 1500;
  const attempt = () => {
    scrollTo(0, top);
    if (Math.abs(scrollY - top) > 2 && performance.now() < until) requestAnimationFrame(attempt);
  };
  requestAnimationFrame(attempt);
}

function isOurs(link: HTMLAnchorElement): boolean {
  return (
    link.origin === location.origin &&
    !link.target &&
    !link.hasAttribute("download") &&
    !link.getAttribute("href")!.startsWith("#") &&
    !/^\/(api|healthz|readyz|metrics)(\/|$)/.test(link.pathname) &&
    !/\.\w+$/.test(link.pathname.split("/")[1] ?? "")
  );
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
  if (!link || !isOurs(link)) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

export function startRouter(): void {
  history.scrollRestoration = "manual";
  addEventListener("popstate", (event) => {
    cameBack = true;
    place.set(here());
    restoreScroll(event.state?.scroll ?? 0);
  });
  addEventListener("click", onClick);
  addEventListener("pagehide", rememberScroll);
}

// Changes parameters of the current address; empty ones go.
export function setSearch(changes: Record<string, string | null>, options: { replace?: boolean } = {}): void {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) search.set(name, value);
    else search.delete(name);
  }
  const text = search.toString();
  navigate(location.pathname + (text ? `?${text}` : ""), { replace: options.replace });
}

export const postHref = (post: { instance_id: number; id: string }) => `/listen/posts/${post.instance_id}/${encodeURIComponent(post.id)}`;
export const hashtagHref = (name: string) => `/listen/hashtags/${encodeURIComponent(name)}`;
export const authorHref = (acct: string) => `/listen/posts?author=${encodeURIComponent(acct)}`;
export const eventHref = (id: number | string) => `/manage/system/${id}`;
export const actionHref = (id: string) => `/publish/activity/${encodeURIComponent(id)}`;
