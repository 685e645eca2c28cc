#include "connect/mastodon/door.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "connect/log_lines.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "connect/mastodon/names.hpp"
#include "connect/mastodon/status_eraser.hpp"
#include "connect/mastodon/status_payload.hpp"
#include "model/typed_name.hpp"

namespace linnet::connect::mastodon {
namespace {

Result<GivenName> read_mastodon_name(std::string_view /*field*/, bool is_person, std::string_view given) {
  auto name = model::clean_name(given);
  const bool is_id = is_person ? is_surely_id(name) : has_id_form(name);
  return GivenName{std::move(name), is_id};
}

Result<std::string> find_mastodon_id(const ServerAccess& server, const Credentials& credentials,
                                     std::string_view field, bool is_person, const std::string& name,
                                     const std::stop_token& stop) {
  ApiOptions options;
  options.base_url = server.base_url;
  options.token = credentials.token;
  return is_person ? find_person_id(server.transport, server.budget, options, field, name, stop)
                   : find_post_id(server.transport, server.budget, options, field, name, stop);
}

std::string_view words_for(IdOf what) {
  switch (what) {
    case IdOf::post:
      return "post";
    case IdOf::quoted_post:
      return "quoted post";
    case IdOf::person:
      return "person";
    case IdOf::conversation:
      return "conversation";
  }
  return "";
}

Status check_mastodon_id(std::string_view field, IdOf what, std::string_view id) {
  if (has_id_form(id)) return {};
  return invalid(fmt::format("{}: expected the id that the account's server has for the {}, got \"{}\"",
                             field, words_for(what), truncate_utf8(to_valid_utf8(id), 100)));
}

const LineRules kStatusLines{"", make_status_payload_reader, erase_from_event};

std::shared_ptr<ActingConnector> make_acting_mastodon(const ActingNeeds& needs) {
  const auto& server = needs.server;
  return std::make_shared<ActingMastodon>(server.transport, server.budget, server.clock,
                                          ApiOptions{server.base_url, needs.credentials.token},
                                          needs.user_id);
}

}  // namespace

PlatformDoor door() {
  PlatformDoor door;
  door.name = "mastodon";
  door.display_name = "Mastodon";
  door.description = "Servers that speak Mastodon's API, each with limits of its own";
  door.priority = 10;
  door.capabilities = capabilities_of_mastodon();
  // 300 posts in 3 hours, 300 requests in 5 minutes (docs.joinmastodon.org/api/rate-limits).
  door.ceiling = {1'000, 100, 100, 100};
  door.identity.read_name = read_mastodon_name;
  door.identity.find_id = find_mastodon_id;
  door.identity.check_id = check_mastodon_id;
  door.sign_in = sign_in_door();
  door.sources = source_door();
  door.acting = {make_acting_mastodon, true};
  door.lines = &kStatusLines;
  return door;
}

}  // namespace linnet::connect::mastodon
