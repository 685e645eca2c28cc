#include "jobs/job_json.hpp"

#include "jobs/known_kinds.hpp"
#include "store/record/json.hpp"

namespace linnet::jobs {

std::string_view title_of(std::string_view kind) {
  const auto* const known = find_kind(known_kinds(), kind);
  return known != nullptr ? known->title : kind;
}

JobView view_of(const Job& job, Instant now) {
  const bool is_next = job.state == State::waiting && job.schedule.empty() && job.due_at <= now;
  const bool is_planned = !job.schedule.empty();
  return {.id = std::to_string(job.id.value()),
          .kind = job.kind,
          .key = job.key,
          .title = std::string(title_of(job.kind)),
          .state = std::string(to_string(is_next ? State::running : job.state)),
          .done = job.done,
          .total = job.total,
          .message = job.error.empty() ? job.note : job.error,
          .result = job.result,
          .schedule = job.schedule,
          .zone = is_planned ? job.zone : std::string(),
          .missed = is_planned ? std::string(to_string(job.missed)) : std::string(),
          .due_at = job.due_at,
          .tries = job.tries,
          .is_stopping = job.cancel_asked && job.state == State::running,
          .asked_by = job.asked_by,
          .created_at = job.created_at,
          .started_at = job.started_at,
          .last_run_at = job.last_run_at,
          .ended_at = job.ended_at};
}

boost::json::object to_json(const Job& job, Instant now) {
  return record::to_json(view_of(job, now));
}

}  // namespace linnet::jobs

namespace linnet::record {

using jobs::JobView;
using jobs::KindView;

template <>
const Entity& entity_of<JobView>() {
  static const auto described = entity<JobView>(
      {.name = "Job"}, {field<&JobView::id>("id"),
                        field<&JobView::kind>("kind"),
                        field<&JobView::key>("key"),
                        field<&JobView::title>("title"),
                        field<&JobView::state>("state").one_of(
                            {"waiting", "running", "asking", "done", "failed", "cancelled"}),
                        field<&JobView::done>("done"),
                        field<&JobView::total>("total"),
                        field<&JobView::message>("message"),
                        field<&JobView::result>("result").json_object().or_null_in_json(),
                        field<&JobView::schedule>("schedule").or_null_in_json().means("as cron writes it"),
                        field<&JobView::zone>("zone").or_null_in_json(),
                        field<&JobView::missed>("missed").or_null_in_json(),
                        field<&JobView::due_at>("due_at"),
                        field<&JobView::tries>("tries"),
                        field<&JobView::is_stopping>("is_stopping"),
                        field<&JobView::asked_by>("asked_by").or_null_in_json(),
                        field<&JobView::created_at>("created_at"),
                        field<&JobView::started_at>("started_at"),
                        field<&JobView::last_run_at>("last_run_at"),
                        field<&JobView::ended_at>("ended_at")});
  return described;
}
template <>
const Entity& entity_of<KindView>() {
  static const auto described = entity<KindView>(
      {.name = "JobKind"},
      {field<&KindView::kind>("kind"), field<&KindView::title>("title"),
       field<&KindView::schedule>("schedule").or_null_in_json().means("as cron writes it"),
       field<&KindView::right>("right"), field<&KindView::may_be_asked_for>("may_be_asked_for")});
  return described;
}

}  // namespace linnet::record
