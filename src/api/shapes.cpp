#include "api/shapes.hpp"

#include "store/record/members.hpp"

namespace linnet::record {

using namespace api;
using govern::AuditVerdict;

template <>
const Entity& entity_of<NoBody>() {
  static const auto described = entity<NoBody>({.name = "NoBody"}, {});
  return described;
}
template <>
const Entity& entity_of<Removed>() {
  static const auto described = entity<Removed>({.name = "Removed"}, {field<&Removed::removed>("removed")});
  return described;
}
template <>
const Entity& entity_of<Revoked>() {
  static const auto described = entity<Revoked>({.name = "Revoked"}, {field<&Revoked::revoked>("revoked")});
  return described;
}
template <>
const Entity& entity_of<TakenBack>() {
  static const auto described =
      entity<TakenBack>({.name = "TakenBack"}, {field<&TakenBack::taken_back>("taken_back")});
  return described;
}
template <>
const Entity& entity_of<Cancelled>() {
  static const auto described =
      entity<Cancelled>({.name = "Cancelled"}, {field<&Cancelled::cancelled>("cancelled")});
  return described;
}
template <>
const Entity& entity_of<StartedJob>() {
  static const auto described = entity<StartedJob>({.name = "StartedJob"}, {field<&StartedJob::job>("job")});
  return described;
}
template <>
const Entity& entity_of<StopState>() {
  static const auto described = entity<StopState>(
      {.name = "StopState"}, {field<&StopState::stopped>("stopped"), field<&StopState::since>("since")});
  return described;
}
template <>
const Entity& entity_of<AuditVerdict>() {
  static const auto described = entity<AuditVerdict>(
      {.name = "AuditVerdict"},
      {field<&AuditVerdict::is_whole>("is_whole"), field<&AuditVerdict::rows>("rows"),
       field<&AuditVerdict::first_bad>("first_bad"), field<&AuditVerdict::problem>("problem"),
       field<&AuditVerdict::head>("head"), field<&AuditVerdict::removed>("removed")});
  return described;
}

}  // namespace linnet::record
