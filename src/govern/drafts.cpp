#include "govern/drafts.hpp"

#include <fmt/format.h>

#include "base/secret_box.hpp"
#include "base/text.hpp"
#include "base/text_limits.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

Status drop_those_left_longest(store::Connection& connection, const std::string& owner_id) {
  return store::run(connection,
                    R"(DELETE FROM drafts
                       WHERE owner_id = $1 AND id NOT IN (SELECT id FROM drafts WHERE owner_id = $1
                         ORDER BY saved_at DESC, id LIMIT $2))",
                    {std::string_view(owner_id), static_cast<std::int64_t>(kMostDrafts)});
}

}  // namespace

Result<std::vector<Draft>> drafts_of(store::Connection& connection, const std::string& owner_id) {
  return record::find_all<Draft>(connection, "owner_id = $1 ORDER BY saved_at DESC, id",
                                 {std::string_view(owner_id)});
}

Result<std::optional<Draft>> find_draft(store::Connection& connection, const std::string& owner_id,
                                        const std::string& name) {
  return record::find_first<Draft>(connection, "owner_id = $1 AND name = $2",
                                   {std::string_view(owner_id), std::string_view(name)});
}

Result<SavedDraft> save_draft(store::Connection& connection, Draft draft, std::optional<Instant> seen_at,
                              Instant now) {
  LINNET_CHECK(check_length("name", draft.name, kLongestKey));
  if (draft.content.size() > kLargestDraft)
    return invalid(fmt::format("content: expected at most {} bytes, got {}; shorten it, or send it in parts",
                               kLargestDraft, draft.content.size()));
  LINNET_TRY(const auto before, find_draft(connection, draft.owner_id, draft.name));
  draft.saved_at = now;
  bool is_unseen = false;
  if (before) {
    is_unseen = before->saved_at != seen_at && before->content != draft.content;
    draft.saved_at = std::max(now, before->saved_at + std::chrono::microseconds(1));
  }
  LINNET_TRY(draft.id, make_uuid_v4());
  LINNET_CHECK(record::insert(
      connection, draft, {},
      "ON CONFLICT (owner_id, name) DO UPDATE SET content = excluded.content, saved_at = excluded.saved_at"));
  if (!before) LINNET_CHECK(drop_those_left_longest(connection, draft.owner_id));
  return SavedDraft{draft.name, draft.saved_at, is_unseen};
}

Status remove_draft(store::Connection& connection, const std::string& owner_id, const std::string& name) {
  LINNET_CHECK(record::remove(connection, record::entity_of<Draft>(), "owner_id = $1 AND name = $2",
                              {std::string_view(owner_id), std::string_view(name)}));
  if (connection.changes() > 0) return {};
  return not_found(fmt::format("name: there is no draft \"{}\" of yours", truncate_utf8(name, 60)));
}

Status remove_drafts_of(store::Connection& connection, const std::string& owner_id) {
  return record::remove(connection, record::entity_of<Draft>(), "owner_id = $1",
                        {std::string_view(owner_id)});
}

}  // namespace linnet::govern

namespace linnet::record {

using govern::Draft;
using govern::SavedDraft;

template <>
const Entity& entity_of<Draft>() {
  static const Entity described = entity<Draft>(
      {.name = "Draft",
       .table = "drafts",
       // Whom it names goes from it with the whole of it: half a text is nobody's. What is said of them in it
       // is the owner's, and not handed out.
       .care =
           {.person = OfPerson::rows,
            .condition =
                R"({address} <> '' AND replace(lower(content), lower({address}), '') <> lower(content))"}},
      {field<&Draft::id>("id").key(), field<&Draft::owner_id>("owner_id").hidden(),
       field<&Draft::name>("name").ours(), field<&Draft::content>("content").json().ours(),
       field<&Draft::saved_at>("saved_at")});
  return described;
}

template <>
const Entity& entity_of<SavedDraft>() {
  static const Entity described = entity<SavedDraft>(
      {.name = "SavedDraft"},
      {field<&SavedDraft::name>("name"), field<&SavedDraft::saved_at>("saved_at"),
       field<&SavedDraft::replaced_another>("replaced_another")
           .means("What was kept before had been changed elsewhere since it was read here")});
  return described;
}

}  // namespace linnet::record
