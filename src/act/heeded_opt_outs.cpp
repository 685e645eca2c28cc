#include "act/heeded_opt_outs.hpp"

#include <fmt/format.h>

#include "base/hash.hpp"

namespace linnet::act {

std::string heeded_message(std::string_view thread, std::string_view message) {
  return fmt::format("{}/{}", thread, message);
}

std::string heeded_elsewhere(std::string_view platform, std::string_view server, std::string_view id) {
  return sha256_hex(fmt::format("{} {} {}", platform, server, id));
}

Status heed_once(store::Database& database, store::Writer& writer, Clock& clock, const std::string& item,
                 const std::function<Status()>& what) {
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(const auto heeded,
               store::query_integer(*reader, "SELECT heeded_at FROM heeded_opt_outs WHERE item = $1",
                                    {std::string_view(item)}));
    if (heeded) return {};
  }
  LINNET_CHECK(what());
  return writer.write([&](store::Connection& connection) {
    return store::run(
        connection,
        "INSERT INTO heeded_opt_outs (item, heeded_at) VALUES ($1, $2) ON CONFLICT (item) DO NOTHING",
        {std::string_view(item), to_micros(clock.now())});
  });
}

}  // namespace linnet::act
