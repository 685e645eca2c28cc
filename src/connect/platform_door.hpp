// One network as the rest of the program sees it: data, and functions behind which the network's folder
// stands. Nothing outside connect/ asks which network it has before it: what differs from network to network
// is a member here. docs/contributing/adding-a-platform.md
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/acting_connector.hpp"
#include "connect/credential_keeping.hpp"
#include "connect/identity_rules.hpp"
#include "connect/platform_settings.hpp"
#include "connect/sign_in_door.hpp"
#include "connect/source.hpp"

namespace linnet::connect {

struct LineRules;

// Most of each kind within any 60 minutes that the network allows or advises.
struct HourlyCeiling {
  std::int64_t likes = 30;
  std::int64_t comments = 10;
  std::int64_t messages = 0;
  std::int64_t posts = 20;
};

// An account that acts. The references outlive the connector.
struct ActingNeeds {
  ServerAccess server;
  std::string user_id;  // the account's own
  Credentials credentials;
  CredentialKeeping keeping;
  PlatformSettings settings;
  // Ids of people whose direct messages may be read, or with whom there is a conversation already: for
  // networks that list no conversations. Empty: there are none.
  std::function<Result<std::vector<std::string>>()> partners = {};
};

struct ActingDoor {
  std::shared_ptr<ActingConnector> (*make)(const ActingNeeds& needs) = nullptr;
  bool messages_are_posts = false;  // a message names its receiver in front of its text: "@bob "
};

struct PlatformDoor {
  std::string_view name;  // in the tables, the API and the commands: one of model::kPlatforms
  std::string_view display_name;
  std::string_view description;
  std::int64_t priority = 0;  // the lowest is shown first

  // What the connector says without asking any server.
  Capabilities capabilities;
  std::optional<PlatformLimits> limits;  // absent: each server has its own
  HourlyCeiling ceiling;
  bool posts_are_html = true;  // their text comes as markup

  IdentityRules identity;
  SignInDoor sign_in;
  SourceDoor sources;
  ActingDoor acting;
  const LineRules* lines = nullptr;
};

}  // namespace linnet::connect
