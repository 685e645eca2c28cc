// Where addresses of before the six areas lead now: they stand in bookmarks, in mails and in what the command line prints.
const kMoved: readonly (readonly [string, string])[] = [
  ["/posts", "/listen/posts"],
  ["/hashtags", "/listen/hashtags"],
  ["/events", "/manage/system"],
  ["/write", "/publish/studio"],
  ["/approvals", "/publish/approvals"],
  ["/actions", "/publish/activity"],
  ["/accounts", "/manage/accounts"],
  ["/rules", "/manage/rules"],
  ["/audit", "/manage/audit"],
  ["/people", "/manage/people"],
];

// The path as it is now; the same where it has not moved.
export function movedPath(path: string): string {
  const found = kMoved.find(([before]) => path === before || path.startsWith(`${before}/`));
  return found ? found[1] + path.slice(found[0].length) : path;
}
