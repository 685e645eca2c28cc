// What is known when the rules are asked: read from the tables, within one transaction.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "act/attempt.hpp"
#include "act/policy.hpp"
#include "govern/person_key.hpp"
#include "govern/platform_capabilities.hpp"
#include "store/connection.hpp"

namespace linnet::act {

// What the blocklist is asked.
struct BlockQuestion {
  std::string platform;
  std::string server;  // host of the instance that is acted on; empty where ids count everywhere
  std::string user_id;
  std::string user_name;  // "ada@example.social"
  std::string user_bio;
  std::string post_id;
  std::vector<std::string> texts;
  std::vector<std::string> links;
};
struct BlockAnswer {
  std::string reason;  // in words, without the text that was looked at
  bool is_opt_out = false;
  bool is_unread = false;  // the list could not be read: nothing is known
};
// Thread-safe; nullopt: nothing stands against it.
using BlockCheck = std::function<std::optional<BlockAnswer>(const BlockQuestion&)>;

struct ActingAccount {
  connect::AccountId id;
  InstanceId instance{};
  std::string server;  // host of the instance
  std::string platform_user_id;
  std::string username;
  AccountView view;
};
Result<ActingAccount> load_acting_account(store::Connection& connection, const connect::AccountId& id);
// Somebody whom the account's instance shows, as blocklist and consents know people; `name` as it writes it.
govern::PersonKey seen_by(const ActingAccount& account, std::string_view user_id, std::string_view name);

// What the platform said of the target and of itself, as far as it was asked.
struct PlatformView {
  std::optional<connect::Capabilities> capabilities;
  std::optional<connect::PlatformLimits> limits;
  std::optional<connect::Target> target;
  std::optional<Error> target_error;  // why it could not be read
  std::optional<Error> limits_error;
};

// What can be done with the account, and what its server takes: what the connector just said, else what it
// said once; lower where a person set it so.
Result<govern::WhatIsTaken> what_is_taken(store::Connection& connection, const ActingAccount& account,
                                          const PlatformView& platform = {});

// Keeps what the account's server said that it takes and can do, for whoever asks before anything is sent.
Status note_limits(store::Connection& connection, const ActingAccount& account,
                   const connect::PlatformLimits& limits, const connect::Capabilities& capabilities,
                   Instant now);

// What the tables know of a post or person: fills in whom the attempt reaches. Silent where nothing is known.
Result<connect::Target> known_target(store::Connection& connection, const ActingAccount& account,
                                     const Attempt& attempt);

Result<Situation> gather(store::Connection& connection, const ActingAccount& account, const Attempt& attempt,
                         const PlatformView& platform, const BlockCheck& check, Instant now);

// What a person who decides wants to see, and what is kept with the request: who acts, earlier dealings,
// followers, what each rule said. It holds no text of others.
Result<boost::json::object> approval_context(store::Connection& connection, const ActingAccount& account,
                                             const Attempt& attempt, const connect::Target& target,
                                             const std::vector<Verdict>& verdicts);

// The posts that the attempt answers and quotes, as they are known now: {"post", "quoted"}, each null or
// {"instance_id", "id", "author", "text", "spoiler_text", "url", "created_at", "is_deleted",
// "is_followers_only", "is_hidden"}. Read anew each time: a post that its author changes or deletes lives on
// in no request. Of what only followers see, everybody is told its id and no more ("is_hidden").
enum class ToWhom { everybody, who_decides };
Result<boost::json::object> posts_concerned(store::Connection& connection, const ActingAccount& account,
                                            const Attempt& attempt, ToWhom reader);

}  // namespace linnet::act
