// What the commands that act and govern have open.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "act/block_check.hpp"
#include "act/shown_actions.hpp"
#include "cli/context.hpp"
#include "connect/account_store.hpp"
#include "govern/blocklist.hpp"
#include "llm/door.hpp"
#include "net/curl_transport.hpp"

namespace linnet::cli {

struct OpenActing {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<connect::AccountStore> accounts;
  std::unique_ptr<govern::Blocklist> blocklist;
  std::unique_ptr<act::Gate> gate;
  std::unique_ptr<SecretBox> box;
  std::unique_ptr<net::CurlTransport> transport;
  std::unique_ptr<llm::LanguageModels> language_models;
};

// Requests are written down; `linnet serve` carries them out.
Result<OpenActing> open_acting(Context& context);

// By id: "ada", or "ada (mastodon)" where several have that name.
Result<std::map<std::string, std::string>> account_names(connect::AccountStore& accounts);

// Whoever has the data folder in hand may do anything with it; their name on this machine goes into the
// audit.
act::Requester person_at_terminal();
inline constexpr act::Onlooker kAtTerminal{true, true, act::ToWhom::who_decides};

}  // namespace linnet::cli
