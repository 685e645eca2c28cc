#include "cli/hidden_line.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace linnet::cli {
namespace {

// Turns the terminal's echo off while it lives.
class Silence {
 public:
  Silence() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Silence() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  bool is_terminal_;
};

}  // namespace

std::string read_hidden_line(const char* what) {
  const Silence silence;
  if (silence.is_terminal()) fmt::print(stderr, "{}: ", what);
  std::string line;
  std::getline(std::cin, line);
  if (silence.is_terminal()) fmt::print(stderr, "\n");
  return line;
}

bool is_typed_at_terminal() {
  return ::isatty(STDIN_FILENO) != 0;
}

}  // namespace linnet::cli
