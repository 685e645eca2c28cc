// Work that takes long and is watched: retries and replays.
#pragma once

#include <boost/json.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/guarded.hpp"
#include "base/result.hpp"

namespace linnet::api {

// Runs one job at a time. Thread-safe; the destructor waits for the job that runs.
class Jobs {
 public:
  using Progress = std::function<void(std::int64_t done, std::int64_t total)>;
  using Work = std::function<Result<boost::json::object>(const Progress&)>;
  // `on_change` is told of every change, from the job's thread.
  explicit Jobs(std::function<void(const boost::json::object&)> on_change)
      : on_change_(std::move(on_change)) {}
  ~Jobs();

  // The id of the job; `conflict` while another runs.
  Result<std::string> start(std::string kind, Work work);
  [[nodiscard]] std::optional<boost::json::object> find(const std::string& id) const;

 private:
  void change(const std::string& id, const std::function<void(boost::json::object&)>& edit);

  std::function<void(const boost::json::object&)> on_change_;
  struct State {
    std::deque<boost::json::object> jobs;
    std::int64_t last_id = 0;
    bool is_running = false;
  };
  Guarded<State> state_;
  std::thread thread_;
};

}  // namespace linnet::api
