// What the API says of acting.
export interface Settings {
  rateLimit: { likesPerHour: number; commentsPerHour: number; dmsPerHour: number; postsPerHour: number };
  quietHours: { enabled: boolean; startHour: number; endHour: number; timezone: string } | null;
  autoApprove: { likes: boolean; comments: boolean; dms: boolean; posts: boolean };
  warmUp: boolean;
}

// What the account's server takes; a person may have set it lower.
export interface Limits {
  max_character_limit: number;
  text_unit: "characters" | "graphemes";
  characters_per_link: number;
  max_media: number;
  max_image_bytes: number;
  max_video_bytes: number;
  max_description_characters: number;
  media_formats: string[];
}

export interface Account {
  id: string;
  platform: string;
  username: string;
  instance: string;
  is_active: boolean;
  credential_state: string;
  credential_error: string | null;
  messages_error: string | null;
  needs_human: boolean;
  pause_reason: string | null;
  settings: Settings;
  limits: Limits | null; // null: the server was not asked yet
}

export interface Verdict {
  rule: string;
  decision: "allow" | "hold" | "defer" | "deny";
  reason: string;
  until: string | null;
}

export interface Verification {
  id: string;
  verified: boolean;
  confidence: number;
  method: string;
  details: Record<string, unknown>;
  verified_at: string;
}

export interface AuditEntry {
  number: number;
  event_type: string;
  outcome: string;
  actor: string | null;
  target_id: string | null;
  details: Record<string, unknown>;
  timestamp: string;
  hash: string;
}

export interface Action {
  id: string;
  run_id: string;
  platform: string;
  action_type: string;
  account_id: string;
  target_id: string;
  target_name: string | null;
  text: string | null;
  status: string;
  waits_for: string | null;
  due_at: string;
  is_late: boolean;
  tries: number;
  result: { url?: string } | null;
  error: { code: string; message: string } | null;
  requested_by: string;
  approved_by: string | null;
  depends_on: string | null;
  attempted_at: string;
  verification_id: string | null;
  verifications?: Verification[];
  audit?: AuditEntry[];
}

export interface Requested {
  decision: Verdict;
  verdicts: Verdict[];
  actions: Action[];
  approval_id: string | null;
}

export interface Approval {
  id: string;
  reason: string;
  context: Record<string, unknown>;
  created_at: string;
  expires_at: string;
  action: Action;
}

export interface Block {
  id: string;
  entry_type: string;
  platform: string | null;
  value: string;
  match_type: string;
  reason: string;
  added_by: string;
}

const kWords: Record<string, string> = {
  pending: "Waiting for its time",
  in_progress: "Being sent",
  success: "Done",
  failed: "Failed",
  skipped: "Not allowed",
  cancelled: "Cancelled",
  unknown: "Outcome unknown",
};

export function statusWord(action: Action): string {
  if (action.status === "pending" && action.waits_for === "approval") return "Waits for approval";
  if (action.status === "pending" && action.is_late) return "Late";
  return kWords[action.status] ?? action.status;
}

export function statusKind(action: Action): string {
  if (action.status === "success") return "positive";
  if (action.status === "failed" || action.status === "unknown" || action.is_late) return "bad";
  return "warn";
}

const kTypes: Record<string, string> = {
  publish: "Post",
  reply: "Answer",
  comment: "Comment",
  like: "Like",
  unlike: "Take back a like",
  boost: "Boost",
  unboost: "Take back a boost",
  follow: "Follow",
  unfollow: "Unfollow",
  dm_send: "Message",
  dm_read: "Mark as read",
  edit_post: "Edit",
  delete_post: "Delete",
  delete_comment: "Delete a comment",
  extract_stats: "Read counts",
};

export const typeWord = (type: string) => kTypes[type] ?? type;
