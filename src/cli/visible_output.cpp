#include "cli/visible_output.hpp"

#include <unistd.h>

#include "base/visible.hpp"

namespace linnet::cli {

VisibleOutput::VisibleOutput() : real_(stdout) {
  cookie_io_functions_t functions{};
  functions.write = &VisibleOutput::write;
  mine_ = fopencookie(this, "w", functions);
  if (mine_ == nullptr) return;
  std::fflush(real_);
  if (isatty(fileno(real_)) == 1) std::setvbuf(mine_, nullptr, _IOLBF, BUFSIZ);
  stdout = mine_;
}

VisibleOutput::~VisibleOutput() {
  if (mine_ == nullptr) return;
  std::fclose(mine_);
  pass_on(rest_);
  std::fflush(real_);
  stdout = real_;
}

bool VisibleOutput::pass_on(std::string_view text) {
  const auto shown = visible(text, LineBreaks::kept);
  return std::fwrite(shown.data(), 1, shown.size(), real_) == shown.size() && std::fflush(real_) == 0;
}

ssize_t VisibleOutput::write(void* self, const char* bytes, std::size_t count) {
  auto& output = *static_cast<VisibleOutput*>(self);
  output.rest_.append(bytes, count);
  const auto whole = whole_characters(output.rest_);
  const bool is_written = output.pass_on(std::string_view(output.rest_).substr(0, whole));
  output.rest_.erase(0, whole);
  return is_written ? static_cast<ssize_t>(count) : 0;
}

}  // namespace linnet::cli
