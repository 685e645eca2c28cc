// Standard output while a command speaks to a person.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace linnet::cli {

// While it lives, whatever is printed to standard output goes through visible(): no command can forget to.
// Line breaks and tabs are kept; tables and sentences make those of strangers visible themselves.
class VisibleOutput {
 public:
  VisibleOutput();
  ~VisibleOutput();
  VisibleOutput(const VisibleOutput&) = delete;
  VisibleOutput& operator=(const VisibleOutput&) = delete;

 private:
  static ssize_t write(void* self, const char* bytes, std::size_t count);
  bool pass_on(std::string_view text);

  std::FILE* real_;
  std::FILE* mine_ = nullptr;
  std::string rest_;  // the beginning of a character whose end has not come yet
};

}  // namespace linnet::cli
