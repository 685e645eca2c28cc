#include "jobs/job_context.hpp"

#include <boost/json/serialize.hpp>

#include "base/json_fields.hpp"

namespace linnet::jobs {

Result<boost::json::object> JobContext::input() const {
  return parse_json_object("input", job_.input);
}

Status JobContext::check_stop() const {
  if (stop_.stop_requested()) return Error::of(ErrorKind::cancelled, "asked to stop");
  return {};
}

void JobContext::progress(std::int64_t done, std::int64_t total) {
  shown_.with([&](Beat& shown) {
    shown.done = done;
    shown.total = total;
  });
  on_show_();
}

void JobContext::note(std::string words) {
  shown_.with([&](Beat& shown) { shown.note = std::move(words); });
  on_show_();
}

void JobContext::keep_position(std::string position) {
  shown_.with([&](Beat& shown) { shown.position = std::move(position); });
}

void JobContext::put_off(Instant until, std::string why) {
  put_off_until_ = until;
  shown_.with([&](Beat& shown) { shown.note = std::move(why); });
}

Beat JobContext::shown() const {
  return shown_.with([](const Beat& shown) { return shown; });
}

Ending JobContext::ending_of(const Status& outcome) const {
  using How = Ending::How;
  Ending ending{.last = shown()};
  if (!outcome) {
    ending.error = outcome.error().safe;
    switch (outcome.error().kind) {
      case ErrorKind::cancelled:
        ending.how = How::cancelled;
        break;
      case ErrorKind::unavailable:
      case ErrorKind::rate_limited:
        ending.how = How::try_again;
        break;
      default:
        ending.how = How::failed;
    }
    return ending;
  }
  if (put_off_until_) {
    ending.how = How::put_off;
    ending.until = *put_off_until_;
  } else if (had_nothing_to_do_) {
    ending.how = How::nothing;
  }
  if (!result_.empty()) ending.result = boost::json::serialize(result_);
  return ending;
}

}  // namespace linnet::jobs
