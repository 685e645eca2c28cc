#include "connect/discord/slash_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "base/log.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;
using Kind = PersonWish::Kind;

constexpr std::string_view kConsent = "consent";
constexpr std::string_view kLeave = "leave-me-alone";
constexpr int kSubcommand = 1;

struct Subcommand {
  std::string_view name;
  std::string_view description;
  Kind kind;
};

constexpr std::array kSubcommands = {
    Subcommand{"give", "Lets Linnet read the direct messages that you write to this bot", Kind::let_read},
    Subcommand{"revoke", "Ends that: what was read is removed", Kind::stop_reading},
    Subcommand{"show", "Says what you agreed to", Kind::tell},
};

json::object command(std::string_view name, std::string_view description, json::array options) {
  // In servers and in direct conversations with the bot.
  return {{"name", name},
          {"type", 1},
          {"description", description},
          {"contexts", json::array{0, 1}},
          {"options", std::move(options)}};
}

json::object consent_command() {
  json::array subcommands;
  for (const auto& one : kSubcommands) {
    subcommands.emplace_back(
        json::object{{"type", kSubcommand}, {"name", one.name}, {"description", one.description}});
  }
  return command(kConsent, "Whether Linnet may read your direct messages to this bot",
                 std::move(subcommands));
}

const json::object* first_option(const json::object& holder) {
  const auto* const options = list_in(holder, "options");
  return options == nullptr || options->empty() ? nullptr : options->front().if_object();
}

std::optional<PersonWish> wish_of(const json::object& command) {
  PersonWish wish;
  const auto name = text_view_in(command, "name");
  if (name == kLeave) {
    wish.kind = Kind::leave_alone;
    return wish;
  }
  const auto* const chosen = name == kConsent ? first_option(command) : nullptr;
  if (chosen == nullptr) return {};
  const auto* const found =
      std::find_if(kSubcommands.begin(), kSubcommands.end(),
                   [&](const Subcommand& one) { return one.name == text_view_in(*chosen, "name"); });
  if (found == kSubcommands.end()) return {};
  wish.kind = found->kind;
  return wish;
}

}  // namespace

Status register_commands(RestClient& rest, const std::string& application, const std::stop_token& stop) {
  const auto leave =
      command(kLeave, "Linnet no longer writes to you, answers you or uses what you write", {});
  for (const auto& one : {consent_command(), leave}) {
    LINNET_TRY(const auto made,
               rest.ask({"POST", fmt::format("/applications/{}/commands", application), json::serialize(one)},
                        stop));
    (void)made;
  }
  return {};
}

std::optional<Interaction> read_interaction(std::string_view data) {
  constexpr int kApplicationCommand = 2;
  const auto object = parse_object(data);
  const auto* const type = object.if_contains("type");
  const auto* const command = object_in(object, "data");
  const bool is_command = type != nullptr && type->is_int64() && type->as_int64() == kApplicationCommand;
  if (!is_command || command == nullptr) return {};
  auto wish = wish_of(*command);
  if (!wish) return {};
  const auto* const member = object_in(object, "member");
  const auto* const user = object_in(member == nullptr ? object : *member, "user");
  if (user == nullptr) return {};
  wish->person_id = text_in(*user, "id");
  wish->person_name = text_in(*user, "username");
  Interaction interaction{text_in(object, "id"), text_in(object, "token"), std::move(wish)};
  interaction.wish->evidence = fmt::format("command on Discord, interaction {}", interaction.id);
  if (interaction.id.empty() || interaction.token.empty() || interaction.wish->person_id.empty()) return {};
  return interaction;
}

Status answer(RestClient& rest, const Interaction& interaction, const HeedWish& heed,
              const std::stop_token& stop) {
  constexpr int kMessage = 4;
  constexpr int kForThemAlone = 1 << 6;
  auto words = heed(*interaction.wish);
  if (!words) log::error("discord: what somebody asked for by a command failed: {}", words.error().message);
  const auto text = words ? *words : "That did not work just now. Please try again later.";
  const json::object body{
      {"type", kMessage},
      {"data", json::object{{"content", text},
                            {"flags", kForThemAlone},
                            {"allowed_mentions", json::object{{"parse", json::array()}}}}}};
  LINNET_TRY(const auto told,
             rest.ask({"POST", fmt::format("/interactions/{}/{}/callback", interaction.id, interaction.token),
                       json::serialize(body)},
                      stop));
  (void)told;
  return {};
}

}  // namespace linnet::connect::discord
