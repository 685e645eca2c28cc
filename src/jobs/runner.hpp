// Runs jobs: a few threads, and one that gives signs of life for them.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "jobs/job_context.hpp"
#include "store/writer.hpp"

namespace linnet::jobs {

// What a kind does. Several may run at once, each in a thread of its own. One that is cut off is run again,
// so that what it does must be so that it can be done twice.
using Handler = std::function<Status(JobContext&)>;

struct BoundKind {
  Kind kind;
  Handler run;
};

struct RunnerOptions {
  int threads = 8;
  // Of one kind at once, so that servers which answer slowly do not take all threads.
  int most_of_a_kind = 2;
  bool is_alone = false;  // as in Claimer
  std::string holder;     // the same; empty: a name that nobody else has
  std::function<bool(const std::string& holder)> is_gone = [](const std::string&) { return false; };
  std::function<bool(const std::string& holder)> is_there = [](const std::string&) { return false; };
  Duration tick = std::chrono::milliseconds(500);
  // How often schedules are looked at: clocks are set, and rows lost.
  Duration look_after_schedules = std::chrono::seconds(20);
  // Told of every change, from any thread of the runner; must be quick.
  std::function<void(const Job&)> on_change = [](const Job&) {};
};

// Thread-safe. The destructor asks what runs to stop, and waits for it; another run of the program goes on.
class Runner {
 public:
  // `database`, `writer` and `clock` outlive it.
  static Result<std::unique_ptr<Runner>> start(store::Database& database, store::Writer& writer, Clock& clock,
                                               std::vector<BoundKind> kinds, RunnerOptions options);
  virtual ~Runner() = default;

  // There is something new in the table.
  virtual void wake() = 0;
  // A job of a kind with a schedule, for what this key stands for; until drop(), or the end of the program:
  // where it is not kept again then, nobody runs it.
  virtual Status keep(std::string_view kind, std::string_view key) = 0;
  virtual Status drop(std::string_view kind, std::string_view key) = 0;
  // Exactly one for each of these keys: what is there for any other, from an earlier run of the program
  // too, is dropped.
  virtual Status keep_only(std::string_view kind, const std::set<std::string>& keys) = 0;
  // Asks what runs to stop, and begins nothing more; does not wait.
  virtual void ask_to_end() = 0;
};

}  // namespace linnet::jobs
