#include "act/settle_names.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"
#include "connect/every_platform.hpp"
#include "govern/platforms.hpp"

namespace linnet::act {
namespace {

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
          connect::AccountStore& accounts, Clock& clock, const connect::Account& account)
      : database_(database),
        transport_(transport),
        budgets_(budgets),
        accounts_(accounts),
        clock_(clock),
        account_(account) {}

  Status settle(const Place& place) {
    const auto& rules = connect::identity_of(account_.platform);
    if (rules.read_name == nullptr) return {};
    LINNET_TRY(auto given, rules.read_name(place.field, place.is_person, *place.id));
    *place.id = std::move(given.id);
    if (given.is_settled) return {};
    LINNET_CHECK(refuse_where_off());
    LINNET_TRY(const auto credentials, accounts_.credentials(account_.id));
    LINNET_TRY(const auto address, address_of_server());
    auto& budget = budgets_.of(address, account_.id.value());
    LINNET_TRY(*place.id, rules.find_id({transport_, budget, clock_, address}, credentials, place.field,
                                        place.is_person, *place.id, {}));
    return {};
  }

 private:
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

  store::Database& database_;
  net::HttpTransport& transport_;
  connect::RequestBudgets& budgets_;
  connect::AccountStore& accounts_;
  Clock& clock_;
  const connect::Account& account_;
};

}  // namespace

Status settle_names(store::Database& database, net::HttpTransport& transport,
                    connect::RequestBudgets& budgets, connect::AccountStore& accounts, Clock& clock,
                    const connect::Account& account, NewAction& action) {
  Settler settler(database, transport, budgets, accounts, clock, account);
  for (const auto& place : places_of(action)) LINNET_CHECK(settler.settle(place));
  return {};
}

Status check_ids(const NewAction& action, std::string_view platform) {
  using connect::IdOf;
  using model::TargetType;
  const auto check = connect::identity_of(platform).check_id;
  if (!connect::identity_of(platform).posts_go_to_channels)
    for (const auto& draft : action.drafts)
      if (!draft.channel.empty())
        return invalid(fmt::format("channel: posts on {} go to no channel; leave it out", platform));
  if (check == nullptr) return {};
  if (action.type != model::ActionType::publish) {
    if (action.target_type == TargetType::post) LINNET_CHECK(check("post_id", IdOf::post, action.target_id));
    if (action.target_type == TargetType::user)
      LINNET_CHECK(check("person_id", IdOf::person, action.target_id));
    if (action.target_type == TargetType::dm_thread)
      LINNET_CHECK(check("thread_id", IdOf::conversation, action.target_id));
  }
  const bool has_channels = connect::identity_of(platform).posts_go_to_channels;
  for (const auto& draft : action.drafts) {
    if (has_channels && action.type == model::ActionType::publish)
      LINNET_CHECK(check("channel", IdOf::channel, draft.channel));
    if (draft.quoted_id) LINNET_CHECK(check("quoted_id", IdOf::quoted_post, *draft.quoted_id));
  }
  return {};
}

}  // namespace linnet::act
