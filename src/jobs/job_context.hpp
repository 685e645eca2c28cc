// What a job has while it runs: what it is about, whether it is to stop, and where it says how far it is.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/guarded.hpp"
#include "base/instant.hpp"
#include "jobs/claim.hpp"
#include "jobs/job.hpp"

namespace linnet::jobs {

// Belongs to the thread of the job; what it shows may be asked for from any.
class JobContext {
 public:
  // `on_show` is called, from the job's thread, when there is something new to see.
  JobContext(const Job& job, std::stop_token stop, std::function<void()> on_show)
      : job_(job), stop_(std::move(stop)), on_show_(std::move(on_show)) {
    shown_.with([&](Beat& shown) { shown = {job.done, job.total, job.note, job.position}; });
  }

  // As it was claimed.
  [[nodiscard]] const Job& job() const { return job_; }
  [[nodiscard]] Result<boost::json::object> input() const;
  // Somebody called it off, another took it over, or the program ends. The job is to return an error of kind
  // `cancelled` soon, having left things so that it can be run again.
  [[nodiscard]] const std::stop_token& stop() const { return stop_; }
  [[nodiscard]] Status check_stop() const;

  void progress(std::int64_t done, std::int64_t total);
  void note(std::string words);
  // Where it is to go on when it is cut off; written down within a second. The next run finds it in job().
  void keep_position(std::string position);

  // What came of it, for people and programs.
  void set_result(boost::json::object result) { result_ = std::move(result); }
  // That there was nothing to do: of a job with a schedule no row is kept then.
  void nothing_to_do() { had_nothing_to_do_ = true; }
  // That it cannot be done now, which is no failure: it comes again at that time.
  void put_off(Instant until, std::string why);

  [[nodiscard]] Beat shown() const;
  // What the handler's answer comes to.
  [[nodiscard]] Ending ending_of(const Status& outcome) const;

 private:
  const Job job_;
  const std::stop_token stop_;
  const std::function<void()> on_show_;
  Guarded<Beat> shown_;
  boost::json::object result_;
  bool had_nothing_to_do_ = false;
  std::optional<Instant> put_off_until_;
};

}  // namespace linnet::jobs
