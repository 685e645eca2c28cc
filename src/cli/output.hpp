// What commands print: tables for people, JSON for programs, progress while something takes long.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"

namespace linnet::cli {

// Columns as wide as their widest cell (in terminal columns), two spaces between; numbers to the right. What
// would steer the terminal or begin a line is made visible in each cell.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> cells);
  // To standard output; `nothing` where there are no rows.
  void print(std::string_view nothing) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// One document on a line of its own.
void print_json(const boost::json::value& value);

// At most `columns` of the text on one line, with an ellipsis where it was cut.
std::string shortened(std::string_view text, std::size_t columns);

// "1,234,567".
std::string with_separators(std::int64_t number);

// "1 action", "1,234 actions".
std::string counted(std::int64_t number, std::string_view one);

// A line on standard error that moves, when that is a terminal and `wanted`; else nothing.
class Progress {
 public:
  Progress(std::string what, bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // `total` 0: not known.
  void show(std::uint64_t done, std::uint64_t total, std::string_view unit);

 private:
  std::string what_;
  bool is_shown_;
  Instant last_{};
};

}  // namespace linnet::cli
