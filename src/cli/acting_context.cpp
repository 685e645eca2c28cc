#include "cli/acting_context.hpp"
#include "govern/key_guard.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <vector>

namespace linnet::cli {

Result<OpenActing> open_acting(Context& context) {
  OpenActing open;
  LINNET_TRY(open.database, open_store(context.options));
  LINNET_TRY(open.writer, store::Writer::start(*open.database));
  LINNET_TRY(const auto box, govern::open_secret_box(*open.database, context.options.data));
  open.accounts = std::make_unique<connect::AccountStore>(*open.database, *open.writer, context.clock, box);
  open.blocklist = std::make_unique<govern::Blocklist>(*open.database, *open.writer, context.clock);
  open.gate = std::make_unique<act::Gate>(*open.database, *open.writer, context.clock, box,
                                          act::block_check(*open.blocklist), std::function<void()>(),
                                          act::MediaStore(act::media_folder(context.options.data)));
  open.box = std::make_unique<SecretBox>(box);
  open.transport = std::make_unique<net::CurlTransport>();
  open.language_models = llm::make_language_models({.database = open.database.get(),
                                                    .writer = open.writer.get(),
                                                    .box = open.box.get(),
                                                    .transport = open.transport.get(),
                                                    .clock = &context.clock});
  return open;
}

Result<std::map<std::string, std::string>> account_names(connect::AccountStore& accounts) {
  LINNET_TRY(const auto all, accounts.list());
  std::map<std::string, int> uses;
  for (const auto& account : all) ++uses[account.username];
  std::map<std::string, std::string> names;
  for (const auto& account : all) {
    names[account.id.value()] = uses[account.username] == 1
                                    ? account.username
                                    : fmt::format("{} ({})", account.username, account.platform);
  }
  return names;
}

act::Requester person_at_terminal() {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16'384);
  const int failed = getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found);
  return {failed == 0 && found != nullptr ? found->pw_name : std::to_string(getuid()), true};
}

}  // namespace linnet::cli
