// What the API says of acting.
export const kWeekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Week = Record<(typeof kWeekdays)[number], number[]>; // the quiet hours of each day

export interface QuietHours {
  enabled: boolean;
  startHour: number;
  endHour: number;
  timezone: string;
  week?: Week | null; // takes the place of the hours of every day
}

export interface Settings {
  rateLimit: { likesPerHour: number; commentsPerHour: number; dmsPerHour: number; postsPerHour: number };
  quietHours: QuietHours | null;
  autoApprove: { likes: boolean; comments: boolean; dms: boolean; posts: boolean };
  cooldown: { afterLike: number; afterComment: number; afterDm: number; afterPost: number };
  warmUp: boolean;
  approvalHours: number;
}

// What the account's server takes; a person may have set it lower. null: the server does not say.
export interface Limits {
  max_character_limit: number | null;
  text_unit: "characters" | "graphemes" | "mastodon";
  characters_per_link: number;
  max_media: number | null;
  max_image_bytes: number | null;
  max_video_bytes: number | null;
  max_description_characters: number | null;
  media_formats: string[];
}

export interface Account {
  id: string;
  platform: string;
  username: string;
  display_name: string | null;
  instance: string;
  is_active: boolean;
  is_removed: boolean; // signed out for good; one that is off is signed in
  pending_actions: number;
  created_at: string;
  updated_at: string;
  credential_state: string;
  credential_error: string | null;
  messages_error: string | null;
  needs_human: boolean;
  pause_reason: string | null;
  paused_until: string | null;
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

export interface DraftMedia {
  name: string;
  mediaType: string;
  altText: string;
}

export interface DraftPoll {
  options: string[];
  openForSeconds: number;
  multiple: boolean;
}

// What is to be written, besides its text.
export interface DraftInput {
  spoilerText?: string;
  visibility?: string;
  language?: string;
  quotePolicy?: string;
  sensitive?: boolean;
  quotedId?: string;
  scheduledAt?: string;
  link?: string;
  poll?: DraftPoll;
  media?: DraftMedia[];
}

export interface Action {
  id: string;
  run_id: string;
  platform: string;
  action_type: string;
  account_id: string;
  target_id: string;
  target_type: string;
  target_name: string | null;
  input: DraftInput;
  text: string | null;
  status: string;
  waits_for: string | null;
  due_at: string;
  planned_at: string;
  expires_at: string | null;
  is_late: boolean;
  tries: number;
  result: { url?: string } | null;
  error: { code: string; message: string } | null;
  requested_by: string;
  approved_by: string | null;
  depends_on: string | null;
  attempted_at: string;
  verified: boolean | null; // by the newest look
  confidence: number | null;
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

// A post that an action answers or quotes, as it is known now.
export interface PostConcerned {
  instance_id: number;
  id: string;
  author: string;
  text: string;
  spoiler_text: string;
  url: string;
  created_at: string | null;
  is_deleted: boolean;
  is_followers_only?: boolean;
  is_hidden?: boolean; // only followers see it, and the reader decides nothing
}

export interface ApprovalContext {
  account?: string;
  server?: string;
  person?: string;
  post_url?: string;
  previous_interactions?: number;
  follower_count?: number;
  post_count?: number;
  verdicts?: Verdict[];
  post?: PostConcerned | null;
  quoted?: PostConcerned | null;
}

export interface Approval {
  id: string;
  reason: string;
  context: ApprovalContext;
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
  added_by_user: string;
  server_id: string | null; // of an opt-out: whose id the value is
  address: string | null;
  created_at: string;
  expires_at: string | null;
}

export interface BlockTest {
  items: Block[];
  hit: { reason: string; is_opt_out: boolean; entry_id: string | null } | null; // what the gate would say
}
