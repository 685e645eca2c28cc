// The servers that Linnet knows, each a row of `instances`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "store/record/entity.hpp"

namespace linnet::model {

struct Instance {
  InstanceId id{};
  std::string base_url;
  std::string platform;
  std::optional<std::string> stream_type;
  Instant created_at{};
  std::optional<Instant> last_seen_at;
};

// By id, which is the order in which they became known.
Result<std::vector<Instance>> list_instances(store::Connection& connection);
// nullopt where none has the address.
Result<std::optional<InstanceId>> instance_at(store::Connection& connection, std::string_view base_url);
// Its base URL; empty when there is none such.
Result<std::string> address_of(store::Connection& connection, InstanceId instance);

}  // namespace linnet::model

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::model::Instance>();
