#include "api/jobs.hpp"

namespace linnet::api {

namespace json = boost::json;

Jobs::~Jobs() {
  if (thread_.joinable()) thread_.join();
}

Result<std::string> Jobs::start(std::string kind, Work work) {
  constexpr std::size_t kKept = 50;
  auto id = state_.with([&](State& state) -> std::optional<std::string> {
    if (state.is_running) return {};
    state.is_running = true;
    const auto number = std::to_string(++state.last_id);
    state.jobs.push_front({{"id", number},
                           {"kind", kind},
                           {"state", "running"},
                           {"done", 0},
                           {"total", 0},
                           {"message", ""},
                           {"result", nullptr}});
    if (state.jobs.size() > kKept) state.jobs.pop_back();
    return number;
  });
  if (!id) return Error::of(ErrorKind::conflict, "another job is running; wait until it is done");
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this, id = *id, work = std::move(work)] {
    const auto outcome = work([&](std::int64_t done, std::int64_t total) {
      change(id, [&](json::object& job) {
        job["done"] = done;
        job["total"] = total;
      });
    });
    state_.with([](State& state) { state.is_running = false; });
    change(id, [&](json::object& job) {
      job["state"] = outcome ? "done" : "failed";
      if (outcome) job["result"] = outcome.value();
      if (!outcome) job["message"] = outcome.error().safe;
    });
  });
  return *id;
}

std::optional<json::object> Jobs::find(const std::string& id) const {
  return state_.with([&](const State& state) -> std::optional<json::object> {
    for (const auto& job : state.jobs) {
      if (job.at("id").as_string() == id) return job;
    }
    return {};
  });
}

void Jobs::change(const std::string& id, const std::function<void(json::object&)>& edit) {
  const auto changed = state_.with([&](State& state) -> json::object {
    for (auto& job : state.jobs) {
      if (job.at("id").as_string() != id) continue;
      edit(job);
      return job;
    }
    return {};
  });
  if (on_change_) on_change_(changed);
}

}  // namespace linnet::api
