#include "reflect/insight.hpp"

#include "store/record/members.hpp"

namespace linnet::reflect {
namespace {

std::string shown_content(const Insight& insight) {
  return words_of(insight);
}
bool was_corrected(const Insight& insight) {
  return !insight.correction.empty();
}

}  // namespace
}  // namespace linnet::reflect

namespace linnet::record {

using reflect::Insight;
using reflect::LayerRun;
using reflect::RunTarget;
using reflect::Source;

template <>
const Entity& entity_of<Insight>() {
  static const Entity described =
      entity<Insight>({.name = "Insight",
                       .table = "insights",
                       .care = {.person = OfPerson::in_code,
                                .condition = "reflect/person_insights.cpp",
                                .kept_for = "insights"}},
                      {
                          field<&Insight::id>("id").key(),
                          field<&Insight::topic_key>("topic_key").fixed().like("server:1:user:2"),
                          field<&Insight::category>("category").fixed().like("user_reflection"),
                          shown<&reflect::shown_content>("content"),
                          field<&Insight::content>("content").hidden(),
                          field<&Insight::sources_scope_max>("sources_scope_max").fixed(),
                          field<&Insight::created_at>("created_at").fixed(),
                          field<&Insight::expires_at>("expires_at"),
                          field<&Insight::layer_run_id>("layer_run_id").fixed(),
                          field<&Insight::supersedes>("supersedes").or_null(),
                          field<&Insight::superseded_by>("superseded_by").or_null(),
                          field<&Insight::metadata>("metadata").json_object(),
                          field<&Insight::rating>("rating"),
                          field<&Insight::correction>("correction").or_null_in_table().hidden(),
                          shown<&reflect::was_corrected>("is_corrected"),
                          field<&Insight::is_pinned>("is_pinned"),
                          field<&Insight::judged_by>("judged_by").or_null().ours(),
                          field<&Insight::judged_at>("judged_at"),
                          field<&Insight::withdrawn_at>("withdrawn_at"),
                          field<&Insight::withdrawn_by>("withdrawn_by").or_null().ours(),
                          field<&Insight::withdrawn_why>("withdrawn_why").or_null(),
                          field<&Insight::is_to_be_remade>("is_to_be_remade"),
                      });
  return described;
}

template <>
const Entity& entity_of<Source>() {
  static const Entity described = entity<Source>({.name = "InsightSource",
                                                  .table = "insight_sources",
                                                  .care = {.person = OfPerson::in_code,
                                                           .condition = "reflect/person_insights.cpp",
                                                           .kept_for = "insights"}},
                                                 {
                                                     field<&Source::kind>("kind").in_column("source_kind"),
                                                     field<&Source::instance>("instance_id"),
                                                     field<&Source::id>("id").in_column("source_id"),
                                                     field<&Source::person_id>("person_id").or_null_in_json(),
                                                     field<&Source::scope>("scope"),
                                                     field<&Source::made_at>("made_at"),
                                                 });
  return described;
}

template <>
const Entity& entity_of<LayerRun>() {
  static const Entity described =
      entity<LayerRun>({.name = "LayerRun",
                        .table = "layer_runs",
                        .care = {.person = OfPerson::in_code,
                                 .condition = "reflect/person_insights.cpp",
                                 .kept_for = "layer runs"}},
                       {
                           field<&LayerRun::id>("id").key(),
                           field<&LayerRun::layer_name>("layer_name").fixed(),
                           field<&LayerRun::layer_version>("layer_version").fixed(),
                           field<&LayerRun::started_at>("started_at").fixed(),
                           field<&LayerRun::completed_at>("completed_at"),
                           field<&LayerRun::status>("status"),
                           field<&LayerRun::targets>("targets"),
                           field<&LayerRun::tokens_used>("tokens_used"),
                           field<&LayerRun::error>("error").or_null(),
                           field<&LayerRun::scope>("scope").fixed(),
                           field<&LayerRun::asked_by>("asked_by").ours().or_null_in_json(),
                           field<&LayerRun::continues>("continues").or_null(),
                           field<&LayerRun::cost_micros>("cost_micros"),
                       });
  return described;
}

template <>
const Entity& entity_of<RunTarget>() {
  static const Entity described = entity<RunTarget>({.name = "LayerRunTarget",
                                                     .table = "layer_run_targets",
                                                     .care = {.person = OfPerson::in_code,
                                                              .condition = "reflect/person_insights.cpp",
                                                              .kept_for = "layer runs"}},
                                                    {
                                                        field<&RunTarget::run_id>("run_id").key(),
                                                        field<&RunTarget::position>("position").key(),
                                                        field<&RunTarget::topic_key>("topic_key"),
                                                        field<&RunTarget::state>("state"),
                                                        field<&RunTarget::insight_id>("insight_id").or_null(),
                                                        field<&RunTarget::tokens>("tokens"),
                                                        field<&RunTarget::error>("error").or_null(),
                                                        field<&RunTarget::output>("output").or_null(),
                                                        field<&RunTarget::ended_at>("ended_at"),
                                                    });
  return described;
}

}  // namespace linnet::record
