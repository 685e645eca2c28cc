// Shows the HTML of posts, which strangers write. The server has sanitised it; here it is taken apart once more and
// rebuilt from an allow-list, so that a mistake there is not enough to run a stranger's code.
import { hashtagHref } from "./router.ts";

const kKept = new Set("P BR SPAN A DEL S PRE BLOCKQUOTE CODE B STRONG U I EM UL OL LI RUBY RT RP".split(" "));
// What is inside these is not text for people.
const kDropped = new Set(
  "SCRIPT STYLE TEMPLATE IFRAME OBJECT EMBED NOSCRIPT SVG MATH HEAD TITLE TEXTAREA SELECT OPTION AUDIO VIDEO CANVAS FORM".split(" "),
);
const kClasses = new Set(["mention", "hashtag", "ellipsis", "invisible"]);
const kMostNodes = 20_000;
const kDeepest = 48;

interface HtmlPolicy {
  createHTML(text: string): string;
}

// The one place in the app where text may be parsed as HTML: the content security policy names this policy and no other.
const policy: HtmlPolicy = (
  window as unknown as { trustedTypes?: { createPolicy(name: string, rules: HtmlPolicy): HtmlPolicy } }
).trustedTypes?.createPolicy("linnet-html", { createHTML: (text) => text }) ?? { createHTML: (text) => text };

// The address as it may stand in a link; undefined if it may not.
export function safeHref(raw: string | null | undefined): string | undefined {
  if (!raw) return undefined;
  try {
    const url = new URL(raw);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function copyClasses(from: Element, to: HTMLElement): void {
  for (const name of from.classList) if (kClasses.has(name)) to.classList.add(name);
}

// Tags in posts lead to the tag's page here; everything else leads out.
function copyLink(from: Element): HTMLElement {
  const href = safeHref(from.getAttribute("href"));
  if (!href) return document.createElement("span");
  const link = document.createElement("a");
  copyClasses(from, link);
  const tag = /^#([^\s#]+)$/u.exec((from.textContent ?? "").trim())?.[1];
  if (tag && (from.classList.contains("hashtag") || from.getAttribute("rel")?.includes("tag"))) {
    link.href = hashtagHref(tag.toLowerCase());
    return link;
  }
  link.href = href;
  link.target = "_blank";
  link.rel = "nofollow noopener noreferrer";
  link.title = href;
  return link;
}

function copyElement(from: Element): HTMLElement | undefined {
  const name = from.nodeName.toUpperCase();
  if (/^H[1-6]$/.test(name)) {
    // A stranger's heading is not one of our page's.
    const paragraph = document.createElement("p");
    paragraph.className = "heading";
    return paragraph;
  }
  if (!kKept.has(name)) return undefined;
  if (name === "A") return copyLink(from);
  const element = document.createElement(name.toLowerCase());
  if (name === "SPAN") copyClasses(from, element);
  return element;
}

interface Budget {
  nodes: number;
}

function copyChildren(from: Node, to: Node, depth: number, budget: Budget): void {
  for (const child of from.childNodes) {
    if (budget.nodes-- <= 0) return;
    if (child.nodeType === Node.TEXT_NODE) {
      to.appendChild(document.createTextNode(child.nodeValue ?? ""));
    } else if (child.nodeType === Node.ELEMENT_NODE && !kDropped.has(child.nodeName.toUpperCase())) {
      const copy = depth < kDeepest ? copyElement(child as Element) : undefined;
      if (copy) to.appendChild(copy);
      copyChildren(child, copy ?? to, depth + 1, budget);
    }
  }
}

export function renderPostHtml(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(policy.createHTML(html) as string, "text/html");
  const fragment = document.createDocumentFragment();
  copyChildren(parsed.body, fragment, 0, { nodes: kMostNodes });
  return fragment;
}
