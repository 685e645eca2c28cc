// Small answers that several routes give, described for the API's document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/instant.hpp"
#include "govern/audit.hpp"
#include "store/record/entity.hpp"

namespace linnet::api {

// A body that holds nothing; it may be left out.
struct NoBody {};
struct Removed {
  bool removed = true;
};
struct Revoked {
  bool revoked = true;
};
struct TakenBack {
  bool taken_back = true;
};
struct Cancelled {
  std::int64_t cancelled = 0;
};
struct StartedJob {
  std::string job;  // its id, for /api/v1/jobs/{id}
};
struct StopState {
  bool stopped = false;
  std::optional<Instant> since;
};

}  // namespace linnet::api

namespace linnet::record {

template <>
const Entity& entity_of<api::NoBody>();
template <>
const Entity& entity_of<api::Removed>();
template <>
const Entity& entity_of<api::Revoked>();
template <>
const Entity& entity_of<api::TakenBack>();
template <>
const Entity& entity_of<api::Cancelled>();
template <>
const Entity& entity_of<api::StartedJob>();
template <>
const Entity& entity_of<api::StopState>();
template <>
const Entity& entity_of<govern::AuditVerdict>();

}  // namespace linnet::record
