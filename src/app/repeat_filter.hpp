// What is said again and again is said once, and how often.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace linnet::app {

// Hands messages on to another sink; a warning or an error that was said a moment ago is counted, and said
// again with its number once that moment is over.
class RepeatFilter final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit RepeatFilter(std::shared_ptr<spdlog::sinks::sink> next) : next_(std::move(next)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override { next_->flush(); }
  void set_pattern_(const std::string& pattern) override { next_->set_pattern(pattern); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    next_->set_formatter(std::move(formatter));
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Said {
    Clock::time_point at;
    std::size_t more = 0;
  };
  void forget_old(Clock::time_point now);

  std::shared_ptr<spdlog::sinks::sink> next_;
  std::unordered_map<std::string, Said> said_;
};

}  // namespace linnet::app
