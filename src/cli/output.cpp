#include "cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "base/visible.hpp"

namespace linnet::cli {
namespace {

// fmt counts the width of text in terminal columns, wide characters as two.
std::size_t width_of(const std::string& text) {
  return fmt::formatted_size("{}", text) == 0 ? 0 : [&] {
    std::size_t columns = 0;
    for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return columns;
  }();
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ',' || c == '.' || c == '-';
  });
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
  const auto columns = width_of(text);
  const std::string space(width > columns ? width - columns : 0, ' ');
  return to_the_right ? space + text : text + space;
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = visible(cell);
  rows_.push_back(std::move(cells));
}

void Table::print(std::string_view nothing) const {
  if (rows_.empty()) {
    fmt::print("{}\n", nothing);
    return;
  }
  std::vector<std::size_t> widths(headings_.size());
  std::vector<bool> numbers(headings_.size(), true);
  for (std::size_t i = 0; i < headings_.size(); ++i) widths[i] = width_of(headings_[i]);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
      numbers[i] = numbers[i] && (row[i].empty() || is_number(row[i]));
    }
  }
  const auto print_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += padded(row[i], widths[i], numbers[i]);
      if (i + 1 < row.size()) line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  };
  print_row(headings_);
  for (const auto& row : rows_) print_row(row);
}

void print_json(const boost::json::value& value) {
  fmt::print("{}\n", boost::json::serialize(value));
}

std::string shortened(std::string_view text, std::size_t columns) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  line = visible(line);
  if (width_of(line) <= columns) return line;
  std::size_t bytes = 0;
  for (std::size_t seen = 0; bytes < line.size(); ++bytes) {
    if ((static_cast<unsigned char>(line[bytes]) & 0xC0U) != 0x80U && ++seen == columns) break;
  }
  return line.substr(0, bytes) + "…";
}

std::string with_separators(std::int64_t number) {
  auto digits = fmt::format("{}", number);
  for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > (number < 0 ? 1 : 0);
       place -= 3) {
    digits.insert(static_cast<std::size_t>(place), ",");
  }
  return digits;
}

std::string counted(std::int64_t number, std::string_view one) {
  return fmt::format("{} {}{}", with_separators(number), one, number == 1 ? "" : "s");
}

Progress::Progress(std::string what, bool wanted)
    : what_(std::move(what)), is_shown_(wanted && isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_shown_) fmt::print(stderr, "\r\033[K");
}

void Progress::show(std::uint64_t done, std::uint64_t total, std::string_view unit) {
  if (!is_shown_) return;
  const Instant now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  constexpr std::size_t kBar = 30;
  std::string bar;
  if (total > 0) {
    const auto filled = std::min<std::size_t>(kBar, done * kBar / total);
    bar = fmt::format(" [{}{}] {}%", std::string(filled, '#'), std::string(kBar - filled, '.'),
                      done * 100 / total);
  }
  fmt::print(stderr, "\r\033[K{}{} {} {}", what_, bar, with_separators(static_cast<std::int64_t>(done)),
             unit);
  std::fflush(stderr);
}

}  // namespace linnet::cli
