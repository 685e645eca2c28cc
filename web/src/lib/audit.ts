// What an entry of the audit trail says, in words; its details are there as well, for whoever needs them.
import type { AuditEntry } from "./api_types.ts";
import { plainly, typeWord } from "./words.ts";

export const kAuditEvents: Record<string, string> = {
  action_attempt: "Asked for, or sent",
  action_complete: "Done or changed",
  verification: "Looked at",
  policy_block: "Held back by a rule",
  rate_limit_hit: "A limit was reached",
  error: "Trouble",
  extract: "Data given out",
  session_start: "Signed in",
  session_end: "Signed out",
  emergency_stop: "Everything stopped",
  emergency_resume: "Everything goes on",
};

// Only those whose name does not say it: "consent_granted" does.
const kWhat: Record<string, string> = {
  approved: "Approved",
  audit_cut: "Old entries removed from this trail",
  blocklist_added: "Added to the blocklist",
  blocklist_extended: "Block made to hold longer",
  blocklist_imported: "A list of blocks imported",
  blocklist_removed: "Removed from the blocklist",
  edited: "Approved with another text",
  emergency_stop: "Everything stopped",
  emergency_stop_lifted: "Everything goes on",
  key_rotated: "A new key for stored secrets",
  late: "Late: its time has passed",
  opt_out: "Somebody opted out",
  opt_out_taken_back: "An opt-out was taken back",
  person_erased: "What was kept of a person erased",
  person_exported: "What is kept of a person given out",
  platform_changed: "The use of a network changed",
  platform_limit_changed: "A limit of a network changed",
  retention: "What was kept long enough removed",
};
const kDecisions: Record<string, string> = { hold: "Waits for approval", defer: "Waits", deny: "Not allowed" };
const kLooks: Record<string, string> = {
  success: "Seen on the platform",
  failure: "Looked for, and not seen",
  pending: "Looked for; it could not be told",
};

const plain = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
const text = (value: unknown) => (typeof value === "string" ? value : "");

export function auditSentence({ event_type, outcome, details }: AuditEntry): string {
  const { what, reason, decision, method, error, why: told, message } = details ?? {};
  const why = text(reason) || text(told) || text(message) || text((error as { message?: unknown } | undefined)?.message);
  const because = why && `: ${plainly(why)}`;
  if (event_type === "verification")
    return method === "manual"
      ? `Somebody looked: it ${outcome === "success" ? "happened" : "did not happen"}`
      : (kLooks[outcome] ?? kLooks.pending!);
  if (text(what)) return (kWhat[text(what)] ?? plain(text(what))) + because;
  if (text(decision)) return (kDecisions[text(decision)] ?? plain(text(decision))) + because;
  if (outcome === "skipped") return `Not allowed${because}`;
  if (event_type === "action_attempt") return "Asked for";
  if (event_type === "action_complete") return outcome === "success" ? "Done" : `Failed${because}`;
  return (kAuditEvents[event_type] ?? plain(event_type)) + because;
}

// Of a row that stands among others: what it is about goes before.
export function auditSubject({ details }: AuditEntry): string {
  const type = text(details?.type);
  return type && typeWord(type);
}

export const auditActor = ({ actor }: AuditEntry) => (actor === "linnet" ? "Linnet" : (actor ?? ""));
