#include "act/account_page.hpp"

#include "connect/text_length.hpp"
#include "store/record/members.hpp"

namespace linnet::act {
namespace {

// As the platform counts: what whoever writes wants to see before it is sent.
std::string unit_of(const connect::PlatformLimits& limits) {
  return std::string(connect::to_string(limits.text_unit));
}

}  // namespace

Result<AccountPage> account_page(store::Connection& connection, const connect::Account& account) {
  AccountPage page;
  page.account = account;
  LINNET_TRY(const auto acting, load_acting_account(connection, account.id));
  page.settings = acting.view.settings;
  LINNET_TRY(page.health, account_health(connection, account.id));
  LINNET_TRY(const auto taken, what_is_taken(connection, acting));
  // What only a person set is not all that the server takes.
  if (!taken.is_server_unread) page.limits = taken.limits;
  return page;
}

}  // namespace linnet::act

namespace linnet::record {

using act::AccountPage;
using connect::Account;
using connect::PlatformLimits;

template <>
const Entity& entity_of<PlatformLimits>() {
  using Limits = PlatformLimits;
  static const auto described = entity<Limits>(
      {.name = "PlatformLimits"},
      {field<&Limits::text_length>("max_character_limit"), field<&Limits::text_bytes>("max_text_bytes"),
       shown<&act::unit_of>("text_unit").one_of(connect::text_unit_names()),
       field<&Limits::url_length>("characters_per_link"), field<&Limits::media_count>("max_media"),
       field<&Limits::image_bytes>("max_image_bytes"), field<&Limits::video_bytes>("max_video_bytes"),
       field<&Limits::alt_text_length>("max_description_characters"),
       field<&Limits::poll_options>("max_poll_options"),
       field<&Limits::poll_option_length>("max_poll_option_characters"),
       field<&Limits::poll_least_seconds>("min_poll_seconds"),
       field<&Limits::poll_most_seconds>("max_poll_seconds"),
       field<&Limits::media_types>("media_formats").means("Empty: any")});
  return described;
}
template <>
const Entity& entity_of<AccountPage>() {
  using Page = AccountPage;
  static const auto described = entity<Page>(
      {.name = "Account", .bases = {within<&Page::health>()}},
      {field<&Page::account, &Account::id>("id"), field<&Page::account, &Account::platform>("platform"),
       field<&Page::account, &Account::username>("username").like("ada"),
       field<&Page::account, &Account::platform_user_id>("platform_user_id"),
       field<&Page::account, &Account::display_name>("display_name"),
       field<&Page::account, &Account::is_active>("is_active"),
       field<&Page::account, &Account::is_removed>("is_removed"),
       field<&Page::account, &Account::created_at>("created_at"),
       field<&Page::account, &Account::updated_at>("updated_at"),
       field<&Page::account, &Account::last_used_at>("last_used_at"), field<&Page::settings>("settings"),
       field<&Page::limits>("limits").means("Null: it was never asked")});
  return described;
}

}  // namespace linnet::record
