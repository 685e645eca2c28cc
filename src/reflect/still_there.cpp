#include "reflect/still_there.hpp"

#include <set>

#include "govern/consent.hpp"
#include "govern/erased_people.hpp"

namespace linnet::reflect {
namespace {

Error taken_away() {
  return Error::of(ErrorKind::conflict,
                   "something that it was made of was taken away meanwhile; the next run sees that");
}

// The row that a source names, with words in it.
std::string_view row_sql(SourceKind kind) {
  switch (kind) {
    case SourceKind::message:
      return R"(SELECT count(*) FROM messages WHERE instance_id = $1 AND id = $2 AND deleted_at IS NULL
                  AND content IS NOT NULL)";
    case SourceKind::post:
      return R"(SELECT count(*) FROM posts WHERE instance_id = $1 AND id = $2 AND deleted_at IS NULL
                  AND content_text IS NOT NULL)";
    case SourceKind::dm:
      return R"(SELECT count(*) FROM dm_messages WHERE $1 >= 0 AND id = $2 AND content_encrypted <> '[REDACTED]')";
    case SourceKind::insight:
      return R"(SELECT count(*) FROM insights WHERE $1 >= 0 AND id = $2
                  AND (withdrawn_at IS NULL OR content <> ''))";
    case SourceKind::reaction:
      break;
  }
  return {};
}

struct KnownPerson {
  std::string platform, host;
};
Result<KnownPerson> server_of(store::Connection& connection, InstanceId instance) {
  KnownPerson known;
  LINNET_CHECK(store::for_each_row(connection, "SELECT platform, base_url FROM instances WHERE id = $1",
                                   {instance.value()}, [&](const store::Statement& row) {
                                     known = {std::string(row.text(0)), std::string(row.text(1))};
                                   }));
  if (const auto at = known.host.find("://"); at != std::string::npos) known.host.erase(0, at + 3);
  return known;
}

}  // namespace

Status check_still_there(store::Connection& connection, std::span<const Source> sources,
                         const salience::TopicKey& topic) {
  std::set<std::pair<InstanceId, std::string>> seen;
  std::set<std::pair<InstanceId, std::string>> readers;
  for (const auto& source : sources) {
    if (const auto sql = row_sql(source.kind); !sql.empty()) {
      LINNET_TRY(
          const auto there,
          store::query_integer(connection, sql, {source.instance.value(), std::string_view(source.id)}));
      if (there.value_or(0) == 0) return taken_away();
    }
    if (source.person_id.empty()) continue;
    const bool is_dm = source.kind == SourceKind::dm;
    const bool is_new = seen.emplace(source.instance, source.person_id).second;
    const bool is_new_reader = is_dm && readers.emplace(source.instance, source.person_id).second;
    if (!is_new && !is_new_reader) continue;
    LINNET_TRY(const auto server, server_of(connection, source.instance));
    const auto person = govern::person_key(server.platform, server.host, source.person_id, "");
    LINNET_TRY(const bool is_gone, govern::is_erased(connection, person));
    if (is_gone) return taken_away();
    if (!is_new_reader) continue;
    LINNET_TRY(const bool may_be_read, govern::may_read_messages(connection, person, topic.server));
    if (!may_be_read) return taken_away();
  }
  return {};
}

}  // namespace linnet::reflect
