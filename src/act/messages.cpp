#include "act/messages.hpp"

#include "govern/consent.hpp"

namespace linnet::act {
namespace {

constexpr std::string_view kRedacted = "[REDACTED]";

std::string unseal(const SecretBox& box, const std::string& sealed, const std::string& id,
                   std::string& error) {
  auto text = box.unseal(sealed, id);
  if (text) return std::move(*text);
  error = "cannot be read: it is damaged, or sealed with another key";
  return {};
}

}  // namespace

Result<std::vector<DmThread>> list_threads(store::Connection& connection, const SecretBox& box,
                                           const std::string& account_id, std::int64_t limit) {
  std::vector<DmThread> threads;
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT id, platform, platform_thread_id, account_id, participant_id, "
                                   "participant_username, last_message_at, "
                                   "last_message_preview, unread_count, is_archived FROM dm_threads WHERE $1 "
                                   "= '' OR account_id = $1 ORDER BY "
                                   "COALESCE(last_message_at, 0) DESC, id LIMIT $2",
                                   {std::string_view(account_id), limit}, [&](const store::Statement& row) {
                                     threads.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                                        std::string(row.text(2)), std::string(row.text(3)),
                                                        std::string(row.text(4)), std::string(row.text(5)),
                                                        row.maybe_instant(6), std::string(row.text(7)),
                                                        row.integer(8), row.integer(9) != 0, false, "", ""});
                                   }));
  for (auto& thread : threads) {
    if (!thread.preview.empty())
      thread.preview = unseal(box, thread.preview, thread.id, thread.preview_error);
    LINNET_TRY(const auto account, load_acting_account(connection, connect::AccountId(thread.account_id)));
    const auto person = seen_by(account, thread.participant_id, thread.participant_username);
    thread.server_id = person.server;
    LINNET_TRY(thread.has_consent, govern::has_consent(connection, person, "dm_read"));
  }
  return threads;
}

Result<std::vector<DmMessage>> list_messages(store::Connection& connection, const SecretBox& box,
                                             const std::string& thread_id) {
  std::vector<DmMessage> messages;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT id, is_from_us, content_encrypted, content_type, sent_at, read_at, sender_id FROM dm_messages "
      "WHERE "
      "thread_id = $1 "
      "ORDER BY COALESCE(sent_at, discovered_at), id",
      {std::string_view(thread_id)}, [&](const store::Statement& row) {
        messages.push_back({std::string(row.text(0)), row.integer(1) != 0, std::string(row.text(2)), false,
                            std::string(row.text(3)), row.maybe_instant(4), row.maybe_instant(5),
                            std::string(row.text(6)), ""});
      }));
  for (auto& message : messages) {
    message.is_redacted = message.text == kRedacted;
    if (message.is_redacted) {
      message.text.clear();
      continue;
    }
    message.text = unseal(box, message.text, message.id, message.text_error);
  }
  return messages;
}

}  // namespace linnet::act
