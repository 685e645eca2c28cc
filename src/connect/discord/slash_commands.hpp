// What people ask of Linnet on Discord itself: /consent and /leave-me-alone. Answers are shown to them alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connect/discord/rest_client.hpp"
#include "connect/person_wish.hpp"

namespace linnet::connect::discord {

// Tells Discord of the commands; those that other programs made for the bot stay.
Status register_commands(RestClient& rest, const std::string& application, const std::stop_token& stop);

struct Interaction {
  std::string id;
  std::string token;  // with which it is answered, for a quarter of an hour
  std::optional<PersonWish> wish;
};

// nullopt for what is no command of Linnet's.
std::optional<Interaction> read_interaction(std::string_view data);

// Heeds it and tells the person what was done.
Status answer(RestClient& rest, const Interaction& interaction, const HeedWish& heed,
              const std::stop_token& stop);

}  // namespace linnet::connect::discord
