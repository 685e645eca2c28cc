#include "observe/messages/message_tables.hpp"

#include "store/record/sql.hpp"

namespace linnet::observe {
namespace {

using record::column;
using record::Number;
using record::OfPerson;
using record::Origin;
using record::Text;

record::Entity with_messages(std::string_view table) {
  return {.table = table, .care = {.origin = Origin::log, .person = OfPerson::with, .condition = "messages"}};
}

record::Entity by_code(std::string_view table) {
  return {.table = table,
          .care = {.origin = Origin::log,
                   .person = OfPerson::in_code,
                   .condition = "observe/messages/erase_messages.cpp"}};
}

}  // namespace

const std::vector<record::Entity>& message_tables() {
  static const std::vector<record::Entity> tables{
      with_messages("message_past_versions"),
      with_messages("message_tombstones"),
      with_messages("message_changes"),
      by_code("message_reactions"),
      by_code("messages"),
      by_code("server_members"),
      by_code("channels"),
      by_code("servers"),
      {.table = "server_roles", .care = {.origin = Origin::log}},
  };
  return tables;
}

const std::vector<DigestedRows>& digested_messages() {
  static const std::vector<DigestedRows> all{
      {2,
       {.name = "servers",
        .table = "servers x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("id", "x.id"),
                   column<Text>("name", "x.name"), column<Text>("owner_id", "x.owner_id"),
                   column<Number>("member_count", "x.member_count"),
                   column<Number>("everyone_sees", "x.everyone_sees"), column<Number>("is_gone", "x.is_gone"),
                   column<Number>("first_seen_at", "x.first_seen_at")}}},
      {3,
       {.name = "server_roles",
        .table = "server_roles x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("server_id", "x.server_id"),
                   column<Text>("id", "x.id"), column<Text>("name", "x.name"),
                   column<Number>("is_gone", "x.is_gone")}}},
      {2,
       {.name = "channels",
        .table = "channels x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("id", "x.id"),
                   column<Text>("server_id", "x.server_id"), column<Text>("kind", "x.kind"),
                   column<Text>("name", "x.name"), column<Text>("topic", "x.topic"),
                   column<Text>("parent_id", "x.parent_id"), column<Text>("owner_id", "x.owner_id"),
                   column<Number>("everyone_sees", "x.everyone_sees"),
                   column<Number>("is_archived", "x.is_archived"), column<Number>("is_gone", "x.is_gone"),
                   column<Number>("created_at", "x.created_at"),
                   column<Number>("first_seen_at", "x.first_seen_at")}}},
      {3,
       {.name = "server_members",
        .table = "server_members x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("server_id", "x.server_id"),
                   column<Text>("user_id", "x.user_id"), column<Text>("nick", "x.nick"),
                   column<Text>("role_ids", "x.role_ids"), column<Number>("joined_at", "x.joined_at"),
                   column<Number>("has_left", "x.has_left")}}},
      {2,
       {.name = "messages",
        .table = "messages x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"),
                   column<Text>("id", "x.id"),
                   column<Text>("server_id", "x.server_id"),
                   column<Text>("channel_id", "x.channel_id"),
                   column<Text>("author_id", "x.author_id"),
                   column<Text>("content", "x.content"),
                   column<Number>("created_at", "x.created_at"),
                   column<Number>("edited_at", "x.edited_at"),
                   column<Number>("deleted_at", "x.deleted_at"),
                   column<Text>("visibility_scope", "x.visibility_scope"),
                   column<Text>("reactions", "x.reactions"),
                   column<Number>("ingested_at", "x.ingested_at"),
                   column<Number>("by_person", "x.by_person"),
                   column<Number>("is_of_system", "x.is_of_system"),
                   column<Text>("reply_to_id", "x.reply_to_id"),
                   column<Text>("reply_to_author_id", "x.reply_to_author_id"),
                   column<Number>("has_media", "x.has_media"),
                   column<Number>("has_links", "x.has_links"),
                   column<Text>("mentions", "x.mentions"),
                   column<Text>("media", "x.media"),
                   column<Number>("version_seq", "x.version_seq"),
                   column<Number>("valid_from", "x.valid_from")}}},
      {3,
       {.name = "message_past_versions",
        .table = "message_past_versions x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("message_id", "x.message_id"),
                   column<Number>("version_seq", "x.version_seq"),
                   column<Number>("valid_from", "x.valid_from"), column<Number>("valid_to", "x.valid_to"),
                   column<Text>("content", "x.content")}}},
      {2,
       {.name = "message_tombstones",
        .table = "message_tombstones x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("message_id", "x.message_id"),
                   column<Number>("deleted_at", "x.deleted_at")}}},
      {4,
       {.name = "message_reactions",
        .table = "message_reactions x JOIN instances b ON b.id = x.instance_id",
        .fields = {column<Text>("base_url", "b.base_url"), column<Text>("message_id", "x.message_id"),
                   column<Text>("user_id", "x.user_id"), column<Text>("emoji", "x.emoji"),
                   column<Text>("shown", "x.shown"), column<Number>("added_at", "x.added_at"),
                   column<Number>("removed_at", "x.removed_at")}}},
  };
  return all;
}

}  // namespace linnet::observe
