#include "govern/blocklist_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace linnet::govern {
namespace {

struct Row {
  std::size_t line = 1;
  std::vector<std::string> fields;
};

// The rows of a CSV text; empty lines are left out.
Result<std::vector<Row>> split_rows(std::string_view csv) {
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  std::vector<Row> rows;
  Row row;
  std::string field;
  bool quoted = false;
  std::size_t line = 1;
  const auto end_row = [&] {
    row.fields.push_back(std::move(field));
    field.clear();
    if (row.fields.size() > 1 || !row.fields.front().empty()) rows.push_back(std::move(row));
    row = {line, {}};
  };
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < csv.size() && csv[i + 1] == '"') {
        field += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      row.fields.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r' || (i + 1 < csv.size() && csv[i + 1] != '\n')) {
      field += c;
    }
  }
  if (quoted) return invalid(fmt::format("line {}: a quotation begins and does not end", row.line));
  end_row();
  return rows;
}

constexpr auto kNowhere = std::string::npos;

std::size_t column_of(const Row& header, std::string_view name) {
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const auto field = fold_case(trim(header.fields[i]));
    if (field == name || (field.starts_with('#') && std::string_view(field).substr(1) == name)) return i;
  }
  return kNowhere;
}

// The field without white space around; empty where the row ends before.
std::string_view field_of(const Row& row, std::size_t column) {
  return column < row.fields.size() ? trim(row.fields[column]) : std::string_view();
}

std::string quote(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
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
Shape shape_of(const Row& first) {
  Shape shape;
  if (const auto domain = column_of(first, "domain"); domain != kNowhere) {
    shape.type = EntryType::domain;
    shape.value = domain;
  } else if (const auto account = column_of(first, "account address"); account != kNowhere) {
    shape.type = EntryType::user;
    shape.value = account;
  } else {
    return shape;
  }
  shape.comment = column_of(first, "public_comment");
  shape.platform = column_of(first, "platform");
  shape.expiry = column_of(first, "expires_at");
  shape.severity = column_of(first, "severity");
  return shape;
}

Status check_severity(std::string_view severity, Silenced silenced) {
  if (severity == "noop") return invalid("severity noop: the list itself does not block it");
  if (severity != "silence" || silenced == Silenced::blocked) return {};
  return invalid("severity silence: the list only limits it; import with those that are limited to block it");
}

Result<BlocklistEntry> read_row(const Row& row, const Shape& shape, BlocklistEntry entry, Silenced silenced,
                                Instant now) {
  const auto value = field_of(row, shape.value);
  if (value.empty()) return invalid("no domain or account");
  LINNET_CHECK(check_severity(field_of(row, shape.severity), silenced));
  const bool is_domain = value.find('@') == std::string_view::npos;
  entry.type = shape.type.value_or(is_domain ? EntryType::domain : EntryType::user);
  entry.match = MatchType::exact;
  if (entry.type == EntryType::domain && value.find('*') != std::string_view::npos &&
      !value.starts_with("*."))
    return invalid(fmt::format("\"{}\" is made unreadable by its server", to_valid_utf8(value)));
  entry.value = value;
  if (const auto comment = field_of(row, shape.comment); !comment.empty()) entry.reason = comment;
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

Result<CsvImport> read_blocklist_csv(std::string_view csv, const BlocklistEntry& like, Silenced silenced,
                                     Instant now) {
  LINNET_TRY(const auto rows, split_rows(csv));
  CsvImport import;
  if (rows.empty()) return import;
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

std::string domains_to_csv(const std::vector<BlocklistEntry>& entries) {
  return to_csv(exportable(entries, EntryType::domain),
                "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate",
                [](const BlocklistEntry& entry) {
                  return fmt::format("{},suspend,false,false,{},false", quote(entry.value),
                                     quote(entry.reason));
                });
}

std::string users_to_csv(const std::vector<BlocklistEntry>& entries) {
  return to_csv(exportable(entries, EntryType::user), "Account address,#public_comment",
                [](const BlocklistEntry& entry) { return quote(entry.value) + "," + quote(entry.reason); });
}

}  // namespace linnet::govern
