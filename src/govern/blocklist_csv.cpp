#include "govern/blocklist_csv.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    } else if (c != '\r') {
      field += c;
    }
  }
  if (quoted) return invalid(fmt::format("line {}: a quotation begins and does not end", row.line));
  end_row();
  return rows;
}

std::size_t column_of(const Row& header, std::string_view name) {
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    std::string_view field = header.fields[i];
    if (field.starts_with('#')) field.remove_prefix(1);
    if (field == name) return i;
  }
  return std::string::npos;
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

// Where the value stands, and whether the first row is a header.
struct Shape {
  std::size_t value = 0;
  std::size_t comment = std::string::npos;
  bool has_header = false;
};
Shape shape_of(const Row& first) {
  if (const auto domain = column_of(first, "domain"); domain != std::string::npos)
    return {domain, column_of(first, "public_comment"), true};
  if (const auto account = column_of(first, "Account address"); account != std::string::npos)
    return {account, std::string::npos, true};
  return {};
}

}  // namespace

Result<CsvImport> read_blocklist_csv(std::string_view csv, std::string_view reason) {
  LINNET_TRY(const auto rows, split_rows(csv));
  CsvImport import;
  if (rows.empty()) return import;
  const auto shape = shape_of(rows.front());
  for (std::size_t i = shape.has_header ? 1 : 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    if (row.fields.size() <= shape.value || trim(row.fields[shape.value]).empty()) {
      import.problems.push_back({row.line, "no domain or account"});
      continue;
    }
    BlocklistEntry entry;
    entry.value = trim(row.fields[shape.value]);
    if (entry.value.find('*') != std::string::npos) {
      import.problems.push_back(
          {row.line, fmt::format("\"{}\" is made unreadable by its server", entry.value)});
      continue;
    }
    entry.type = entry.value.find('@') == std::string::npos ? EntryType::domain : EntryType::user;
    entry.reason = reason;
    if (shape.comment < row.fields.size() && !trim(row.fields[shape.comment]).empty())
      entry.reason = trim(row.fields[shape.comment]);
    import.entries.push_back(std::move(entry));
  }
  return import;
}

std::string domains_to_csv(const std::vector<BlocklistEntry>& entries) {
  std::string csv = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n";
  for (const auto& entry : entries) {
    if (entry.type != EntryType::domain || entry.match != MatchType::exact) continue;
    csv += fmt::format("{},suspend,false,false,{},false\n", quote(entry.value), quote(entry.reason));
  }
  return csv;
}

std::string users_to_csv(const std::vector<BlocklistEntry>& entries) {
  std::string csv = "Account address\n";
  for (const auto& entry : entries) {
    if (entry.type == EntryType::user && entry.match == MatchType::exact) csv += quote(entry.value) + "\n";
  }
  return csv;
}

}  // namespace linnet::govern
