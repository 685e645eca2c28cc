#include "observe/salience/numbers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"

namespace linnet::salience {
namespace {

constexpr NamedNumber kNumbers[] = {
    {"message", &Numbers::message},
    {"with_media", &Numbers::with_media},
    {"mention", &Numbers::mention},
    {"reply", &Numbers::reply},
    {"thread_created", &Numbers::thread_created},
    {"direct_message", &Numbers::direct_message},
    {"reaction", &Numbers::reaction},
    {"emoji", &Numbers::emoji},
    {"post", &Numbers::post},
    {"hashtag", &Numbers::hashtag},
    {"post_reply", &Numbers::post_reply},
    {"boost", &Numbers::boost},
    {"subject", &Numbers::subject},
    {"subject_least", &Numbers::subject_least},
    {"subjects_a_run", &Numbers::subjects_a_run},
    {"role_share", &Numbers::role_share},
    {"self_mention", &Numbers::self_mention},
    {"self_name_mention", &Numbers::self_name},
    {"cap_user", &Numbers::cap_user},
    {"cap_global_user", &Numbers::cap_global_user},
    {"cap_channel", &Numbers::cap_channel},
    {"cap_thread", &Numbers::cap_thread},
    {"cap_role", &Numbers::cap_role},
    {"cap_dyad", &Numbers::cap_dyad},
    {"cap_user_in_channel", &Numbers::cap_user_in_channel},
    {"cap_subject", &Numbers::cap_subject},
    {"cap_emoji", &Numbers::cap_emoji},
    {"cap_self", &Numbers::cap_self},
    {"cap_hashtag", &Numbers::cap_hashtag},
    {"cap_account", &Numbers::cap_account},
    {"propagation", &Numbers::propagation},
    {"spill", &Numbers::spill},
    {"propagated_to", &Numbers::propagated_to},
    {"warm_above", &Numbers::warm_above},
    {"warmth", &Numbers::warmth},
    {"idle_days", &Numbers::idle_days},
    {"decay", &Numbers::decay},
    {"gone_below", &Numbers::gone_below},
    {"token_cost", &Numbers::token_cost},
    {"retained", &Numbers::retained},
    {"retained_most", &Numbers::retained_most},
    {"budget", &Numbers::budget},
    {"budget_self", &Numbers::budget_self},
    {"share_social", &Numbers::share_social},
    {"share_global", &Numbers::share_global},
    {"share_spaces", &Numbers::share_spaces},
    {"share_semantic", &Numbers::share_semantic},
    {"share_culture", &Numbers::share_culture},
    {"least_balance", &Numbers::least_balance},
    {"estimate_user", &Numbers::estimate_user},
    {"estimate_dyad", &Numbers::estimate_dyad},
    {"estimate_channel", &Numbers::estimate_channel},
    {"estimate_thread", &Numbers::estimate_thread},
    {"estimate_subject", &Numbers::estimate_subject},
    {"estimate_hashtag", &Numbers::estimate_hashtag},
    {"estimate_account", &Numbers::estimate_account},
    {"estimate_emoji", &Numbers::estimate_emoji},
    {"estimate_self", &Numbers::estimate_self},
    {"estimate_role", &Numbers::estimate_role},
    {"estimate_user_in_channel", &Numbers::estimate_user_in_channel},
};

constexpr Amount kMostNumber = 100'000 * kOne;

Result<Amount> parse_number(std::string_view name, std::string_view text) {
  LINNET_TRY(const auto number, parse_amount(name, text));
  // A topic without room would never have earned.
  const Amount least = name.starts_with("cap_") ? 1 : 0;
  if (number >= least && number <= kMostNumber) return number;
  return invalid(
      fmt::format("{}: expected a number from 0 to {}, got \"{}\"", name, kMostNumber / kOne, text));
}

Status set_number(std::string_view name, std::string_view value, Settings& settings) {
  const auto* const found = std::find_if(std::begin(kNumbers), std::end(kNumbers),
                                         [&](const NamedNumber& number) { return number.name == name; });
  if (found != std::end(kNumbers)) {
    LINNET_TRY(settings.numbers.*(found->member), parse_number(name, value));
    return {};
  }
  std::vector<std::string_view> names;
  for (const auto& number : kNumbers) names.push_back(number.name);
  return invalid(
      fmt::format("\"{}\": expected focus.SERVER, gate_role.SERVER, self_id, self_name, or one of {}",
                  to_valid_utf8(truncate_utf8(name, 40)), fmt::join(names, ", ")));
}

Status set_one(std::string_view name, std::string_view value, Settings& settings) {
  if (value.empty()) return invalid(fmt::format("{}: expected a value behind \"=\"", name));
  const auto point = name.find('.');
  const auto kind = name.substr(0, point);
  const auto server = point == std::string_view::npos ? std::string_view() : name.substr(point + 1);
  if (kind == "focus" && !server.empty()) {
    LINNET_TRY(settings.focus[std::string(server)], parse_number(name, value));
    return {};
  }
  if (kind == "gate_role" && !server.empty()) {
    settings.gate_roles[std::string(server)] = value;
    return {};
  }
  if (name == "self_id") {
    settings.self_ids.emplace_back(value);
    return {};
  }
  if (name == "self_name") {
    settings.self_names.push_back(comparable(value));
    return {};
  }
  return set_number(name, value, settings);
}

template <typename List>
void in_one_order(List& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

Amount Settings::focus_of(std::string_view server) const {
  const auto found = focus.find(server);
  return found == focus.end() ? kOne : found->second;
}

bool Settings::is_self(std::string_view user) const {
  return std::find(self_ids.begin(), self_ids.end(), user) != self_ids.end();
}

std::span<const NamedNumber> every_number() {
  return kNumbers;
}

Amount cap_of(const Numbers& numbers, Category category, bool is_global) {
  switch (category) {
    case Category::user:
      return is_global ? numbers.cap_global_user : numbers.cap_user;
    case Category::channel:
      return numbers.cap_channel;
    case Category::thread:
      return numbers.cap_thread;
    case Category::dyad:
      return numbers.cap_dyad;
    case Category::user_in_channel:
      return numbers.cap_user_in_channel;
    case Category::subject:
      return numbers.cap_subject;
    case Category::role:
      return numbers.cap_role;
    case Category::emoji:
      return numbers.cap_emoji;
    case Category::self:
      return numbers.cap_self;
    case Category::hashtag:
      return numbers.cap_hashtag;
    case Category::account:
      return numbers.cap_account;
  }
  return 0;
}

Amount estimate_of(const Numbers& numbers, Category category) {
  switch (category) {
    case Category::user:
      return numbers.estimate_user;
    case Category::channel:
      return numbers.estimate_channel;
    case Category::thread:
      return numbers.estimate_thread;
    case Category::dyad:
      return numbers.estimate_dyad;
    case Category::user_in_channel:
      return numbers.estimate_user_in_channel;
    case Category::subject:
      return numbers.estimate_subject;
    case Category::role:
      return numbers.estimate_role;
    case Category::emoji:
      return numbers.estimate_emoji;
    case Category::self:
      return numbers.estimate_self;
    case Category::hashtag:
      return numbers.estimate_hashtag;
    case Category::account:
      return numbers.estimate_account;
  }
  return 0;
}

Result<Settings> parse_salience_settings(std::string_view text) {
  Settings settings;
  while (!(text = trim(text)).empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto pair = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos)
      return invalid(fmt::format("\"{}\": expected NAME=VALUE, such as message=1.5",
                                 to_valid_utf8(truncate_utf8(pair, 40))));
    LINNET_CHECK(set_one(trim(pair.substr(0, equals)), trim(pair.substr(equals + 1)), settings));
  }
  in_one_order(settings.self_ids);
  in_one_order(settings.self_names);
  return settings;
}

std::string to_text(const Settings& settings) {
  std::vector<std::string> parts;
  for (const auto& number : kNumbers)
    parts.push_back(fmt::format("{}={}", number.name, to_decimal(settings.numbers.*(number.member))));
  for (const auto& [server, focus] : settings.focus)
    parts.push_back(fmt::format("focus.{}={}", server, to_decimal(focus)));
  for (const auto& [server, role] : settings.gate_roles)
    parts.push_back(fmt::format("gate_role.{}={}", server, role));
  for (const auto& id : settings.self_ids) parts.push_back("self_id=" + id);
  for (const auto& name : settings.self_names) parts.push_back("self_name=" + name);
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace linnet::salience
