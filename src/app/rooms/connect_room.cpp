#include "app/rooms/rooms.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;
using std::chrono::minutes;

// A server that is away, or wants to be left alone, is asked again in a while: what is due then is read then.
Status read_counts(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  auto* const connectors = parts.connectors();
  if (connectors == nullptr) return {};
  const auto read = connectors->read_counts(context.job().key, context.stop());
  if (read || read.error().kind == ErrorKind::not_found) return {};
  if (read.error().kind != ErrorKind::unavailable && read.error().kind != ErrorKind::rate_limited)
    return read.error();
  context.put_off(parts.clock.now() + minutes(5), read.error().safe);
  return {};
}

Status read_follows(const JobParts& parts, JobContext& context) {
  auto* const connectors = parts.connectors();
  auto read = connectors != nullptr ? connectors->read_follows(context.job().key, context.stop())
                                    : Status(not_found("nothing is watched yet"));
  if (!read && read.error().kind == ErrorKind::not_found) {
    context.put_off(parts.clock.now() + minutes(1), read.error().safe);
    return {};
  }
  context.nothing_to_do();
  return read;
}

}  // namespace

Room connect_room() {
  return {.name = "connect",
          .commands =
              {
                  {"Start", cli::add_account_command},
                  {"Start", cli::add_watch_command},
                  {"Start", cli::add_import_command},
              },
          .routes = {api::account_routes},
          .jobs = {
              {"counts", read_counts},
              {"follows", read_follows},
          }};
}

}  // namespace linnet::app
