#include "observe/ingest.hpp"

namespace linnet::observe {

Result<std::optional<std::string>> load_cursor(store::Connection& connection, std::string_view connector) {
  return store::query_text(connection, "SELECT cursor FROM connector_cursors WHERE connector = $1",
                           {connector});
}

namespace {

Result<std::optional<std::int64_t>> find_instance(store::Connection& connection, std::string_view base_url) {
  return store::query_integer(connection, "SELECT id FROM instances WHERE base_url = $1", {base_url});
}

}  // namespace

Result<InstanceId> find_or_add_instance(store::Database& database, store::Writer& writer,
                                        std::string_view base_url, std::string_view platform, Instant now) {
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(const auto known, find_instance(*reader, base_url));
    if (known) return InstanceId(*known);
  }
  return find_or_add_instance(writer, base_url, platform, now);
}

Result<InstanceId> find_or_add_instance(store::Writer& writer, std::string_view base_url,
                                        std::string_view platform, Instant now) {
  InstanceId id;
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection,
                            R"(INSERT INTO instances (base_url, platform, created_at) VALUES ($1, $2, $3)
                               ON CONFLICT (base_url) DO NOTHING)",
                            {base_url, platform, to_micros(now)}));
    LINNET_TRY(const auto found, find_instance(connection, base_url));
    id = InstanceId(found.value_or(0));
    return {};
  }));
  return id;
}

}  // namespace linnet::observe
