#include "act/settle_names.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "connect/bluesky/names.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/mastodon/names.hpp"
#include "govern/platforms.hpp"
#include "model/typed_name.hpp"

namespace linnet::act {
namespace {

namespace bluesky = connect::bluesky;
namespace mastodon = connect::mastodon;

// One id of a request, in the field where it was given.
struct Place {
  std::string_view field;
  bool is_person = false;
  std::string* id = nullptr;
};

std::vector<Place> places_of(NewAction& action) {
  std::vector<Place> places;
  const bool is_user = action.target_type == model::TargetType::user;
  const bool is_post = action.target_type == model::TargetType::post;
  if (action.type != model::ActionType::publish && (is_user || is_post) && !action.target_id.empty())
    places.push_back({is_user ? "person_id" : "post_id", is_user, &action.target_id});
  for (auto& draft : action.drafts) {
    if (draft.quoted_id) places.push_back({"quoted_id", false, &*draft.quoted_id});
  }
  return places;
}

class Settler {
 public:
  Settler(store::Database& database, net::HttpTransport& transport, connect::RequestBudgets& budgets,
          connect::AccountStore& accounts, const connect::Account& account)
      : database_(database),
        transport_(transport),
        budgets_(budgets),
        accounts_(accounts),
        account_(account) {}

  Status settle(const Place& place) {
    return account_.platform == "bluesky" ? settle_on_bluesky(place) : settle_on_mastodon(place);
  }

 private:
  Status settle_on_bluesky(const Place& place) {
    LINNET_TRY(*place.id, place.is_person ? bluesky::read_person_name(place.field, *place.id)
                                          : bluesky::read_post_name(place.field, *place.id));
    if (!bluesky::names_handle(*place.id)) return {};
    LINNET_CHECK(refuse_where_off());
    LINNET_TRY(const auto credentials, accounts_.credentials(account_.id));
    LINNET_TRY(const auto server, address_of_server());
    LINNET_TRY(*place.id,
               bluesky::with_did(transport_, budget_at(server), credentials.service, *place.id, {}));
    return {};
  }

  Status settle_on_mastodon(const Place& place) {
    *place.id = model::clean_name(*place.id);
    if (place.is_person ? mastodon::is_surely_id(*place.id) : mastodon::has_id_form(*place.id)) return {};
    LINNET_CHECK(refuse_where_off());
    LINNET_TRY(const auto credentials, accounts_.credentials(account_.id));
    mastodon::ApiOptions server;
    server.token = credentials.token;
    LINNET_TRY(server.base_url, address_of_server());
    auto& budget = budget_at(server.base_url);
    LINNET_TRY(*place.id,
               place.is_person
                   ? mastodon::find_person_id(transport_, budget, server, place.field, *place.id, {})
                   : mastodon::find_post_id(transport_, budget, server, place.field, *place.id, {}));
    return {};
  }

  Status refuse_where_off() {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const bool is_on, govern::is_platform_on(*reader, account_.platform));
    if (is_on) return {};
    return Error::of(ErrorKind::denied, govern::platform_off_reason(account_.platform));
  }

  Result<std::string> address_of_server() {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(auto address, store::query_text(*reader, "SELECT base_url FROM instances WHERE id = $1",
                                               {account_.instance.value()}));
    return std::move(address).value_or("");
  }

  connect::RequestBudget& budget_at(const std::string& server) {
    return budgets_.of(server, account_.id.value());
  }

  store::Database& database_;
  net::HttpTransport& transport_;
  connect::RequestBudgets& budgets_;
  connect::AccountStore& accounts_;
  const connect::Account& account_;
};

std::string wrong(std::string_view field, std::string_view expected, std::string_view got) {
  return fmt::format("{}: expected {}, got \"{}\"", field, expected, truncate_utf8(to_valid_utf8(got), 100));
}

Status check_bluesky_post(std::string_view field, std::string_view id) {
  const auto uri = bluesky::parse_at_uri(id);
  if (uri && bluesky::is_did(uri->repo)) return {};
  return invalid(wrong(field, "the post's AT URI with a DID (at://did:plc:…/app.bsky.feed.post/…)", id));
}

Status check_on_bluesky(const NewAction& action) {
  const auto& id = action.target_id;
  const bool has_target = action.type != model::ActionType::publish;
  if (has_target && action.target_type == model::TargetType::post)
    LINNET_CHECK(check_bluesky_post("post_id", id));
  if (has_target && action.target_type == model::TargetType::user && !bluesky::is_did(id))
    return invalid(wrong("person_id", "the person's DID (did:plc:…)", id));
  for (const auto& draft : action.drafts) {
    if (draft.quoted_id) LINNET_CHECK(check_bluesky_post("quoted_id", *draft.quoted_id));
  }
  return {};
}

Status check_on_mastodon(const NewAction& action) {
  const auto check = [](std::string_view field, std::string_view whose, std::string_view id) -> Status {
    if (mastodon::has_id_form(id)) return {};
    return invalid(wrong(field, fmt::format("the id that the account's server has for the {}", whose), id));
  };
  if (action.type != model::ActionType::publish) {
    if (action.target_type == model::TargetType::post)
      LINNET_CHECK(check("post_id", "post", action.target_id));
    if (action.target_type == model::TargetType::user)
      LINNET_CHECK(check("person_id", "person", action.target_id));
    if (action.target_type == model::TargetType::dm_thread)
      LINNET_CHECK(check("thread_id", "conversation", action.target_id));
  }
  for (const auto& draft : action.drafts) {
    if (draft.quoted_id) LINNET_CHECK(check("quoted_id", "quoted post", *draft.quoted_id));
  }
  return {};
}

}  // namespace

Status settle_names(store::Database& database, net::HttpTransport& transport,
                    connect::RequestBudgets& budgets, connect::AccountStore& accounts,
                    const connect::Account& account, NewAction& action) {
  Settler settler(database, transport, budgets, accounts, account);
  for (const auto& place : places_of(action)) LINNET_CHECK(settler.settle(place));
  return {};
}

Status check_ids(const NewAction& action, std::string_view platform) {
  return platform == "bluesky" ? check_on_bluesky(action) : check_on_mastodon(action);
}

}  // namespace linnet::act
