#include "govern/csv_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace linnet::govern {
namespace {

// Splits at one separator.
class Splitter {
 public:
  Splitter(std::string_view csv, char separator, std::size_t first_line)
      : csv_(csv), separator_(separator), line_(first_line) {
    row_.line = first_line;
  }

  Result<std::vector<CsvRow>> split() {
    for (std::size_t i = 0; i < csv_.size(); ++i) {
      const char c = csv_[i];
      const char next = i + 1 < csv_.size() ? csv_[i + 1] : '\n';
      if (c == '\n') ++line_;
      if (quoted_) {
        if (c == '"' && next == '"' && i + 1 < csv_.size()) {
          field_ += '"';
          ++i;
        } else if (c == '"') {
          quoted_ = false;
        } else {
          field_ += c;
        }
      } else if (c == '"' && field_.empty()) {
        quoted_ = true;
      } else if (c == separator_) {
        end_field();
      } else if (c == '\n') {
        end_row();
      } else if (c != '\r' || next != '\n') {
        field_ += c;
      }
    }
    if (quoted_) return invalid(fmt::format("line {}: a quotation begins and does not end", row_.line));
    end_row();
    return std::move(rows_);
  }

 private:
  void end_field() {
    row_.fields.push_back(std::move(field_));
    field_.clear();
  }
  void end_row() {
    end_field();
    if (row_.fields.size() > 1 || !row_.fields.front().empty()) rows_.push_back(std::move(row_));
    row_ = {line_, {}};
  }

  std::string_view csv_;
  char separator_;
  std::size_t line_;
  std::vector<CsvRow> rows_;
  CsvRow row_;
  std::string field_;
  bool quoted_ = false;
};

// By the first line that holds something, without what is quoted in it.
char separator_of(std::string_view csv) {
  bool quoted = false;
  bool has_semicolon = false;
  bool has_tab = false;
  csv.remove_prefix(std::min(csv.find_first_not_of("\r\n"), csv.size()));
  for (const char c : csv) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == ',') return ',';
    if (c == '\n') break;
    has_semicolon = has_semicolon || c == ';';
    has_tab = has_tab || c == '\t';
  }
  return has_semicolon ? ';' : has_tab ? '\t' : ',';
}

// "=", "+", "-", "@" and their wide forms, a tab, a carriage return: what makes a cell a formula.
bool is_formula(std::string_view text) {
  for (const std::string_view sign :
       {"=", "+", "-", "@", "\t", "\r", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"}) {
    if (text.starts_with(sign)) return true;
  }
  return false;
}

// An apostrophe or more, and a formula behind.
bool is_marked(std::string_view text) {
  const auto rest = std::min(text.find_first_not_of('\''), text.size());
  return rest > 0 && is_formula(text.substr(rest));
}

}  // namespace

Result<std::vector<CsvRow>> split_csv(std::string_view csv) {
  if (csv.starts_with("\xFF\xFE") || csv.starts_with("\xFE\xFF"))
    return invalid("the file is UTF-16, as some spreadsheets write it; save it as CSV in UTF-8");
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  if (csv.starts_with("sep=") && csv.size() > 5 && (csv[5] == '\n' || csv[5] == '\r')) {
    const auto end = std::min(csv.find('\n'), csv.size() - 1) + 1;
    return Splitter(csv.substr(end), csv[4], 2).split();
  }
  return Splitter(csv, separator_of(csv), 1).split();
}

std::string csv_field(std::string_view text) {
  std::string field(is_formula(text) || is_marked(text) ? "'" : "");
  field += text;
  if (field.find_first_of(",;\"\r\n\t") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string_view without_formula_mark(std::string_view field) {
  return is_marked(field) ? field.substr(1) : field;
}

}  // namespace linnet::govern
