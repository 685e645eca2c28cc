#include "model/instances.hpp"

#include "store/record/sql.hpp"

namespace linnet::model {

Result<std::vector<Instance>> list_instances(store::Connection& connection) {
  return record::find_all<Instance>(connection, "1 = 1 ORDER BY id");
}

Result<std::optional<InstanceId>> instance_at(store::Connection& connection, std::string_view base_url) {
  LINNET_TRY(const auto id,
             store::query_integer(connection, "SELECT id FROM instances WHERE base_url = $1", {base_url}));
  return id ? std::optional(InstanceId(*id)) : std::nullopt;
}

Result<std::string> address_of(store::Connection& connection, InstanceId instance) {
  LINNET_TRY(auto url, store::query_text(connection, "SELECT base_url FROM instances WHERE id = $1",
                                         {instance.value()}));
  return std::move(url).value_or("");
}

}  // namespace linnet::model

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::model::Instance>() {
  using linnet::model::Instance;
  static const Entity described = entity<Instance>(
      {.name = "Instance", .table = "instances"},
      {field<&Instance::id>("id").numbered(), field<&Instance::base_url>("base_url"),
       field<&Instance::platform>("platform"), field<&Instance::stream_type>("stream_type"),
       field<&Instance::created_at>("created_at"), field<&Instance::last_seen_at>("last_seen_at")});
  return described;
}
