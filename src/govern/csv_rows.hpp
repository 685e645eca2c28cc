// CSV as spreadsheets and servers write it (RFC 4180).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace linnet::govern {

struct CsvRow {
  std::size_t line = 1;  // where it begins, from 1
  std::vector<std::string> fields;
};

// The rows; empty ones are left out. LF or CRLF, a byte order mark or none; fields are parted by commas, or
// by semicolons or tabs where the first row has those alone (spreadsheets of half of Europe), or as a first
// line «sep=;» says. `invalid` when a quotation does not end, or the text is UTF-16.
Result<std::vector<CsvRow>> split_csv(std::string_view csv);

// A field as a program reads it back, and as a spreadsheet shows it: what would be a formula there begins
// with an apostrophe.
std::string csv_field(std::string_view text);
// What `csv_field` was given.
std::string_view without_formula_mark(std::string_view field);

}  // namespace linnet::govern
