#include "govern/blocklist_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "govern/blocklist_json.hpp"
#include "govern/csv_rows.hpp"

namespace linnet::govern {
namespace {

constexpr auto kNowhere = std::string::npos;

std::size_t column_of(const CsvRow& header, std::string_view name) {
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const auto field = fold_case(trim(header.fields[i]));
    if (field == name || (field.starts_with('#') && std::string_view(field).substr(1) == name)) return i;
  }
  return kNowhere;
}

// The field without white space around; empty where the row ends before.
std::string_view field_of(const CsvRow& row, std::size_t column) {
  return column < row.fields.size() ? without_formula_mark(trim(row.fields[column])) : std::string_view();
}

// What stands where, and of what kind it is.
struct Shape {
  std::optional<EntryType> type;  // absent: there is no header, and the value tells
  std::size_t value = 0;
  std::size_t comment = kNowhere;
  std::size_t platform = kNowhere;
  std::size_t expiry = kNowhere;
  std::size_t severity = kNowhere;
};
Shape shape_of(const CsvRow& first) {
  Shape shape;
  if (const auto domain = column_of(first, "domain"); domain != kNowhere) {
    shape.type = EntryType::domain;
    shape.value = domain;
  } else if (const auto account = column_of(first, "account address"); account != kNowhere) {
    shape.type = EntryType::user;
    shape.value = account;
  } else {
    // What stands beside a domain in lists that servers write is how far they block it.
    shape.severity = 1;
    return shape;
  }
  shape.comment = column_of(first, "public_comment");
  shape.platform = column_of(first, "platform");
  shape.expiry = column_of(first, "expires_at");
  shape.severity = column_of(first, "severity");
  return shape;
}

// A list of people whom nobody meant to block: whom an account follows, or who follows it.
Status refuse_other_lists(const CsvRow& header, AccountLists accounts) {
  if (column_of(header, "account address") == kNowhere) return {};
  for (const std::string_view other : {"show boosts", "notify on new posts", "languages"}) {
    if (column_of(header, other) != kNowhere)
      return invalid(fmt::format(
          "this is a list of accounts that somebody follows (it has a column «{}»), no blocklist", other));
  }
  if (header.fields.size() > 1 || accounts == AccountLists::blocked) return {};
  return invalid(
      "this may be a list of followers: its one column is «Account address»; nobody in it is blocked unless "
      "you say "
      "that its accounts are to be");
}

// A link to a page says nothing against its whole server: lists of bookmarks hold such.
Status refuse_page(std::string_view value) {
  const auto scheme = value.find("://");
  if (scheme == std::string_view::npos) return {};
  const auto path = value.find_first_of("/?#", scheme + 3);
  if (path == std::string_view::npos || path + 1 == value.size()) return {};
  return invalid(
      fmt::format("\"{}\" is the address of a page, not a domain", to_valid_utf8(truncate_utf8(value, 80))));
}

Result<BlocklistEntry> read_row(const CsvRow& row, const Shape& shape, BlocklistEntry entry,
                                Silenced silenced, Instant now) {
  const auto value = field_of(row, shape.value);
  if (value.empty()) return invalid("no domain or account");
  if (auto blocks = check_severity(field_of(row, shape.severity), silenced); !blocks) {
    auto error = blocks.error();
    if (!shape.type) error.safe += "; the file has no heading such as #domain,#severity";
    return error;
  }
  LINNET_CHECK(refuse_page(value));
  const bool is_domain = value.find('@') == std::string_view::npos;
  entry.type = shape.type.value_or(is_domain ? EntryType::domain : EntryType::user);
  entry.match = MatchType::exact;
  if (entry.type == EntryType::domain && value.find('*') != std::string_view::npos &&
      !value.starts_with("*."))
    return invalid(fmt::format("\"{}\" is made unreadable by its server", to_valid_utf8(value)));
  entry.value = value;
  if (const auto comment = field_of(row, shape.comment); !comment.empty()) entry.reason = comment;
  if (only_limits(field_of(row, shape.severity))) entry.reason.insert(0, kOnlyLimited);
  if (const auto platform = field_of(row, shape.platform); !platform.empty()) entry.platform = platform;
  if (const auto expiry = field_of(row, shape.expiry); !expiry.empty()) {
    LINNET_TRY(entry.expires_at, parse_instant("expires_at", expiry));
  }
  return normalise(std::move(entry), now);
}

std::vector<BlocklistEntry> exportable(const std::vector<BlocklistEntry>& entries, EntryType type) {
  std::vector<BlocklistEntry> some;
  for (const auto& entry : entries) {
    if (entry.type == type && entry.match == MatchType::exact && entry.added_by != AddedBy::opt_out)
      some.push_back(entry);
  }
  return some;
}

// `columns` and `row` are Mastodon's own; ours follow where an entry needs them, so that what is read again
// is not for every platform or for good when it was not.
template <typename WriteRow>
std::string to_csv(const std::vector<BlocklistEntry>& entries, std::string_view columns, WriteRow row) {
  const bool has_more = std::any_of(entries.begin(), entries.end(), [](const BlocklistEntry& entry) {
    return !entry.platform.empty() || entry.expires_at;
  });
  auto csv = fmt::format("{}{}\n", columns, has_more ? ",#platform,#expires_at" : "");
  for (const auto& entry : entries) {
    csv += row(entry);
    if (has_more)
      csv += fmt::format(",{},{}", entry.platform, entry.expires_at ? to_iso8601(*entry.expires_at) : "");
    csv += '\n';
  }
  return csv;
}

}  // namespace

bool only_limits(std::string_view severity) {
  const auto word = comparable(trim(severity));
  return word == "silence" || word == "silenced" || word == "limit" || word == "limited";
}

Status check_severity(std::string_view severity, Silenced silenced) {
  const auto word = comparable(trim(severity));
  if (word.empty() || word == "suspend" || word == "suspended") return {};
  if (word == "noop" || word == "none")
    return invalid(fmt::format("severity {}: the list itself does not block it", word));
  if (only_limits(word)) {
    if (silenced == Silenced::blocked) return {};
    return invalid(fmt::format(
        "severity {}: the list only limits it; import with those that are limited to block it", word));
  }
  return invalid(fmt::format("severity \"{}\": expected suspend, silence (or limit) or noop",
                             to_valid_utf8(truncate_utf8(severity, 40))));
}

Result<CsvImport> read_blocklist_csv(std::string_view csv, const BlocklistEntry& like, Silenced silenced,
                                     Instant now, AccountLists accounts) {
  LINNET_TRY(const auto rows, split_csv(csv));
  CsvImport import;
  if (rows.empty()) return import;
  LINNET_CHECK(refuse_other_lists(rows.front(), accounts));
  const auto shape = shape_of(rows.front());
  for (std::size_t i = shape.type ? 1 : 0; i < rows.size(); ++i) {
    auto entry = read_row(rows[i], shape, like, silenced, now);
    if (entry) {
      import.entries.push_back(std::move(entry).value());
    } else {
      import.problems.push_back({rows[i].line, entry.error().safe});
    }
  }
  return import;
}

Result<CsvImport> read_blocklist(std::string_view text, const BlocklistEntry& like, Silenced silenced,
                                 Instant now, AccountLists accounts) {
  auto rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  rest = trim(rest);
  const bool is_json = rest.starts_with('[') || rest.starts_with('{');
  return is_json ? read_blocklist_json(rest, like, silenced, now)
                 : read_blocklist_csv(text, like, silenced, now, accounts);
}

std::string domains_to_csv(const std::vector<BlocklistEntry>& entries) {
  return to_csv(exportable(entries, EntryType::domain),
                "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate",
                [](const BlocklistEntry& entry) {
                  std::string_view reason = entry.reason;
                  const bool is_limited = reason.starts_with(kOnlyLimited);
                  if (is_limited) reason.remove_prefix(kOnlyLimited.size());
                  return fmt::format("{},{},false,false,{},false", csv_field(entry.value),
                                     is_limited ? "silence" : "suspend", csv_field(reason));
                });
}

std::string users_to_csv(const std::vector<BlocklistEntry>& entries) {
  return to_csv(
      exportable(entries, EntryType::user), "Account address,#public_comment",
      [](const BlocklistEntry& entry) { return csv_field(entry.value) + "," + csv_field(entry.reason); });
}

}  // namespace linnet::govern
