#include "act/messages.hpp"

#include "govern/consent.hpp"
#include "store/record/sql.hpp"

namespace linnet::act {
namespace {

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
  LINNET_TRY(
      auto threads,
      record::find_all<DmThread>(
          connection, "$1 = '' OR account_id = $1 ORDER BY COALESCE(last_message_at, 0) DESC, id LIMIT $2",
          {std::string_view(account_id), limit}));
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

Result<std::vector<std::string>> message_partners(store::Connection& connection,
                                                  const connect::AccountId& account) {
  std::vector<std::string> people;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT c.user_id FROM consents c JOIN accounts a ON a.platform = c.platform
         WHERE a.id = $1 AND c.consent_type = 'dm_read' AND c.revoked_at IS NULL AND c.user_id <> ''
         UNION
         SELECT participant_id FROM dm_threads WHERE account_id = $1 AND participant_id <> ''
         ORDER BY 1)",
      {std::string_view(account.value())},
      [&](const store::Statement& row) { people.emplace_back(row.text(0)); }));
  return people;
}

Result<std::vector<DmMessage>> list_messages(store::Connection& connection, const SecretBox& box,
                                             const std::string& thread_id) {
  LINNET_TRY(auto messages, record::find_all<DmMessage>(
                                connection, "thread_id = $1 ORDER BY COALESCE(sent_at, discovered_at), id",
                                {std::string_view(thread_id)}));
  for (auto& message : messages) {
    message.is_redacted = message.text == kRedactedText;
    if (message.is_redacted) {
      message.text = "";
      continue;
    }
    message.text = unseal(box, message.text.value_or(""), message.id, message.text_error);
    if (!message.text_error.empty()) message.text.reset();
  }
  return messages;
}

}  // namespace linnet::act

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::DmThread>() {
  using linnet::act::DmThread;
  static const Entity described =
      entity<DmThread>({.name = "Conversation",
                        .table = "dm_threads",
                        .care = {.person = OfPerson::in_code, .condition = "act/person_erasure.cpp"}},
                       {
                           field<&DmThread::id>("id").key(),
                           field<&DmThread::platform>("platform"),
                           field<&DmThread::platform_thread_id>("platform_thread_id"),
                           field<&DmThread::account_id>("account_id"),
                           field<&DmThread::participant_id>("participant_id"),
                           field<&DmThread::server_id>("server_id").in_json_only().or_null(),
                           field<&DmThread::participant_username>("participant_username"),
                           field<&DmThread::last_message_at>("last_message_at"),
                           field<&DmThread::preview>("last_message_preview").or_null_in_table(),
                           field<&DmThread::preview_error>("preview_error").in_json_only().or_null(),
                           field<&DmThread::unread_count>("unread_count"),
                           field<&DmThread::is_archived>("is_archived"),
                           field<&DmThread::has_consent>("has_consent").in_json_only(),
                       });
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::DmMessage>() {
  using linnet::act::DmMessage;
  static const Entity described = entity<DmMessage>(
      {.name = "Message",
       .table = "dm_messages",
       .care = {.person = OfPerson::with, .condition = "dm_threads", .kept_for = "texts of direct messages"}},
      {
          field<&DmMessage::id>("id").key(),
          field<&DmMessage::is_from_us>("is_from_us"),
          field<&DmMessage::sender_id>("sender_id").or_null(),
          field<&DmMessage::text>("text").in_column("content_encrypted"),
          field<&DmMessage::text_error>("text_error").in_json_only().or_null(),
          field<&DmMessage::is_redacted>("is_redacted").in_json_only(),
          field<&DmMessage::content_type>("content_type"),
          field<&DmMessage::sent_at>("sent_at"),
          field<&DmMessage::read_at>("read_at"),
      });
  return described;
}
