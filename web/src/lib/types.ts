// What the API answers, as /api/openapi.json describes it. Times are ISO 8601 with Z.

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Author {
  id: string;
  acct: string;
  username: string;
  display_name: string;
  url: string | null;
  avatar_url: string | null;
  bot: boolean;
  domain: string | null;
  followers_count: number | null;
}

export interface Sentiment {
  label: "positive" | "neutral" | "negative" | "not_scored";
  score: number;
}

export interface Media {
  id: string;
  type: string;
  url: string | null;
  preview_url: string | null;
  description: string | null;
}

export interface Counts {
  replies_count: number;
  reblogs_count: number;
  favourites_count: number;
  engagement_score: number;
}

export interface Poll {
  options: { title: string; votes: number | null }[];
  multiple?: boolean;
  expired?: boolean;
  expires_at?: string;
}

export interface Post extends Counts {
  id: string;
  instance: string;
  instance_id: number;
  platform: string;
  url: string | null;
  uri: string | null;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  author: Author | null;
  content_html: string;
  content_text: string;
  spoiler_text: string;
  sensitive: boolean;
  language: string | null;
  visibility: string;
  in_reply_to_id: string | null;
  reblog_of_id: string | null;
  content_type: string;
  hashtags: string[];
  media: Media[];
  poll?: Poll | null;
  stated_created_at?: string | null; // what the platform says, where that cannot be
  versions_count: number;
  sentiment: Sentiment | null;
  depth?: number;
}

export interface DiffPart {
  op: "same" | "add" | "remove";
  text: string;
}

export interface Version {
  version_seq: number;
  valid_from: string;
  valid_to: string | null;
  edited_at: string | null;
  content_html: string;
  content_text: string;
  spoiler_text: string;
  sentiment: Sentiment | null;
  diff?: DiffPart[];
}

export interface Snapshot extends Counts {
  captured_at: string;
}

export interface PostDetail extends Post {
  versions: Version[];
  snapshots: Snapshot[];
  thread: { root_id: string; depth: number; reply_count: number } | null;
}

export interface VelocityItem {
  id: string;
  instance_id: number;
  gained: number;
  from: number;
  to: number;
  post: Post;
}

export interface EditedItem {
  id: string;
  instance: string;
  instance_id: number;
  author_acct: string;
  versions: Version[];
}

export interface Status {
  version: string;
  engine: string;
  started_at: string;
  demo: boolean;
  log: { events: number; failed: number; last_event_id: number };
  projections: { applied_event_id: number; lag: number; events_per_second: number };
  totals: { posts: number; accounts: number; hashtags: number; snapshots: number; instances: number };
  rate: { minute: string; events: number }[];
}

export type ConnectorState = "connecting" | "live" | "backing_off" | "paused" | "stopped" | "failed";

export interface Connector {
  id: string | number;
  instance: string;
  platform: string;
  stream: string;
  state: ConnectorState;
  since: string | null;
  last_event_at: string | null;
  events: number;
  reconnects: number;
  gaps_filled: number;
  last_error: string | null;
  rate_limit: { limit: number; remaining: number; reset_at: string } | null;
}

export interface Instance {
  id: number;
  base_url: string;
  posts: number;
}

export type TrendMethod = "growth" | "spike" | "burst";

export interface Trend {
  name: string;
  recent: number;
  baseline: number;
  score: number | null;
  accounts: number | null;
  sparkline: number[];
}

export interface HashtagEntry {
  name: string;
  instance: string;
  posts: number;
  last_seen_at: string | null;
}

export interface HashtagHistory {
  name: string;
  first_seen_at: string | null;
  last_seen_at: string | null;
  hours: { hour: string; posts: number; accounts: number; engagement: number }[];
}

export interface RelatedTag {
  name: string;
  count: number;
  lift: number;
}

export interface LogEvent {
  id: number;
  instance: string;
  received_at: string;
  event_type: string | null;
  status_id: string | null;
  processed_at: string | null;
  error: string | null;
}

export interface LogEventDetail extends LogEvent {
  payload?: unknown;
  payload_raw?: string;
}

export interface Job {
  id: string;
  kind: string;
  state: "running" | "done" | "failed" | "cancelled";
  done: number;
  total: number | null;
  message: string | null;
  result?: Record<string, unknown> | null;
}

export interface RateMessage {
  type: "rate";
  at: string;
  events_per_second: number;
  queue: number;
  lag: number;
  applied_event_id: number;
}

export type LiveMessage =
  | { type: "hello"; version: string }
  | { type: "post"; post: Post }
  | { type: "edit"; post: Post }
  | { type: "delete"; instance_id: number; id: string }
  | ({ type: "counts"; instance_id: number; id: string } & Partial<Counts>)
  | RateMessage
  | ({ type: "connector" } & Connector)
  | ({ type: "job" } & Job)
  | { type: "dropped"; count: number };
