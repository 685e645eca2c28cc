#include "connect/bluesky/door.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "connect/bluesky/acting_bluesky.hpp"
#include "connect/bluesky/jetstream_payload.hpp"
#include "connect/bluesky/message_eraser.hpp"
#include "connect/bluesky/names.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/log_lines.hpp"

namespace linnet::connect::bluesky {
namespace {

bool may_be_handle(std::string_view text) {
  return !text.starts_with("did:") && text.find('.') != std::string_view::npos;
}

// An AT URI begins with who wrote what it names.
std::string author_in_uri(std::string_view post) {
  const auto uri = parse_at_uri(post);
  return uri && is_did(uri->repo) ? uri->repo : std::string();
}

Status refuse_handle(std::string_view id) {
  if (!names_handle(id)) return {};
  return invalid("post_id, person_id: expected a DID, such as at://did:plc:…/… or did:plc:…, got a handle");
}

Result<GivenName> read_bluesky_name(std::string_view field, bool is_person, std::string_view given) {
  LINNET_TRY(auto id, is_person ? read_person_name(field, given) : read_post_name(field, given));
  const bool is_settled = !names_handle(id);
  return GivenName{std::move(id), is_settled};
}

Result<std::string> find_did(const ServerAccess& server, const Credentials& credentials,
                             std::string_view /*field*/, bool /*is_person*/, const std::string& name,
                             const std::stop_token& stop) {
  return with_did(server.transport, server.budget, credentials.service, name, stop);
}

Status check_bluesky_id(std::string_view field, IdOf what, std::string_view id) {
  std::string_view expected;
  if (what == IdOf::person && !is_did(id)) expected = "the person's DID (did:plc:…)";
  if ((what == IdOf::post || what == IdOf::quoted_post) && author_in_uri(id).empty())
    expected = "the post's AT URI with a DID (at://did:plc:…/app.bsky.feed.post/…)";
  if (expected.empty()) return {};
  return invalid(
      fmt::format("{}: expected {}, got \"{}\"", field, expected, truncate_utf8(to_valid_utf8(id), 100)));
}

const LineRules kJetstreamLines{"bluesky", make_jetstream_payload_reader, erase_from_message};

std::shared_ptr<ActingConnector> make_acting_bluesky(const ActingNeeds& needs) {
  const auto& server = needs.server;
  return std::make_shared<ActingBluesky>(server.transport, server.budget, server.clock, needs.user_id,
                                         needs.credentials, needs.keeping, needs.settings.chat_service);
}

IdentityRules identity_rules() {
  IdentityRules rules;
  rules.ids_are_global = true;
  rules.ids_are_dids = true;
  rules.mentions_are_unsure = true;
  rules.is_handle = may_be_handle;
  rules.is_person_id = is_did;
  rules.expected_person = "a DID (did:plc:…) or a handle (ada.example)";
  rules.author_in = author_in_uri;
  rules.refuse_passing_id = refuse_handle;
  rules.read_name = read_bluesky_name;
  rules.find_id = find_did;
  rules.check_id = check_bluesky_id;
  return rules;
}

}  // namespace

PlatformDoor door() {
  PlatformDoor door;
  door.name = "bluesky";
  door.display_name = "Bluesky";
  door.description = "Servers of the AT Protocol, with the limits of Bluesky's posts";
  door.priority = 20;
  door.capabilities = capabilities_of_bluesky();
  door.limits = limits_of_bluesky();
  // 5,000 points an hour, 3 for each record (docs.bsky.app/docs/advanced-guides/rate-limits).
  door.ceiling = {1'600, 1'600, 300, 1'600};
  door.posts_are_html = false;
  door.identity = identity_rules();
  door.sign_in = sign_in_door();
  door.sources = source_door();
  door.acting.make = make_acting_bluesky;
  door.lines = &kJetstreamLines;
  return door;
}

}  // namespace linnet::connect::bluesky
