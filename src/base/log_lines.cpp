#include "base/log_lines.hpp"

#include <spdlog/pattern_formatter.h>

#include "base/text.hpp"
#include "base/visible.hpp"

namespace linnet::log {
namespace {

class VisibleMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& line) override {
    const std::string_view all(message.payload.data(), message.payload.size());
    auto words = visible(truncate_utf8(all, kLongestMessage));
    if (all.size() > kLongestMessage) words += "…";
    line.append(words.data(), words.data() + words.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<VisibleMessage>();
  }
};

}  // namespace

std::unique_ptr<spdlog::formatter> line_formatter() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<VisibleMessage>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %*");
  return formatter;
}

}  // namespace linnet::log
