#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "cli/serve_lock.hpp"
#include "govern/key_guard.hpp"
#include "govern/key_rotation.hpp"

namespace linnet::cli {
namespace {

constexpr std::string_view kOldKey = "so that it does not use the old key";

Status rotate(Context& context) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(const auto lock, keep_serve_out(context, *database, kOldKey));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  const char* const key = std::getenv("LINNET_KEY");
  const char* const next = std::getenv("LINNET_NEXT_KEY");
  govern::KeyRotation rotation;
  if (key != nullptr || std::getenv("LINNET_PASSPHRASE") != nullptr) {
    if (next == nullptr)
      return invalid(
          "LINNET_NEXT_KEY: expected the next key, 64 hexadecimal digits; the one in use is not in a file");
    LINNET_TRY(const auto old_box, SecretBox::open(context.options.data));
    LINNET_TRY(const auto next_box, SecretBox::from_hex(next));
    LINNET_TRY(rotation, govern::reseal_everything(*database, *writer, old_box, next_box,
                                                   person_at_terminal().name, context.clock.now()));
    fmt::print(stderr, "Give LINNET_KEY the value of LINNET_NEXT_KEY from now on.\n");
  } else {
    LINNET_TRY(rotation, govern::rotate_key_file(*database, *writer, context.options.data,
                                                 person_at_terminal().name, context.clock.now()));
  }
  if (context.options.json) {
    print_json(boost::json::object{{"sealed_anew", rotation.sealed_anew},
                                   {"unreadable", boost::json::value_from(rotation.unreadable)}});
  } else {
    fmt::print("{} sealed with the new key.\n", rotation.sealed_anew == 1
                                                    ? "1 secret is"
                                                    : with_separators(rotation.sealed_anew) + " secrets are");
  }
  for (const auto& secret : rotation.unreadable)
    fmt::print(stderr, "linnet: {} is damaged: neither key unseals it; it stays as it is.\n", secret);
  return {};
}

Status begin_anew(Context& context, bool yes) {
  if (!yes)
    return invalid(
        "key new: for when the key is lost for good: every account has to sign in again, and sealed messages "
        "can "
        "never be read again. Look for a copy of secret.key first; then say --yes to do it");
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(const auto lock, keep_serve_out(context, *database, kOldKey));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(const auto lost,
             govern::begin_with_new_key(*database, *writer, context.options.data, context.clock.now()));
  if (context.options.json) {
    print_json(boost::json::object{{"lost", lost}});
  } else {
    fmt::print("A new key is in use; {} cannot be read any more.\n", counted(lost, "secret"));
  }
  return {};
}

}  // namespace

void add_key_command(CLI::App& program, Context& context) {
  auto* const key = program.add_subcommand("key", "The key of credentials and messages");
  key->require_subcommand(1);
  key->add_subcommand(
         "rotate",
         "Make another key and seal everything with it; can be run again after it was broken off\n\n"
         "Stop linnet serve first. Where the key comes from LINNET_KEY, give the next one as "
         "LINNET_NEXT_KEY.")
      ->callback([&context] { context.action = [&context] { return rotate(context); }; });
  const auto yes = std::make_shared<bool>(false);
  auto* const begin = key->add_subcommand("new", "Go on with another key when the old one is lost for good");
  begin->add_flag("--yes", *yes, "Really do it; without it, what is lost is named");
  begin->callback(
      [&context, yes] { context.action = [&context, yes] { return begin_anew(context, *yes); }; });
}

}  // namespace linnet::cli
