#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "govern/key_rotation.hpp"

namespace linnet::cli {
namespace {

Status rotate(Context& context) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  const char* const key = std::getenv("LINNET_KEY");
  const char* const next = std::getenv("LINNET_NEXT_KEY");
  std::int64_t count = 0;
  if (key != nullptr || std::getenv("LINNET_PASSPHRASE") != nullptr) {
    if (next == nullptr)
      return invalid(
          "LINNET_NEXT_KEY: expected the next key, 64 hexadecimal digits; the one in use is not in a file");
    LINNET_TRY(const auto old_box, SecretBox::open(context.options.data));
    LINNET_TRY(const auto next_box, SecretBox::from_hex(next));
    LINNET_TRY(count, govern::reseal_everything(*database, *writer, old_box, next_box,
                                                person_at_terminal().name, context.clock.now()));
    fmt::print(stderr, "Give LINNET_KEY the value of LINNET_NEXT_KEY from now on.\n");
  } else {
    LINNET_TRY(count, govern::rotate_key_file(*database, *writer, context.options.data,
                                              person_at_terminal().name, context.clock.now()));
  }
  if (context.options.json) {
    print_json(boost::json::object{{"sealed_anew", count}});
  } else {
    fmt::print("{} secrets are sealed with the new key.\n", with_separators(count));
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
}

}  // namespace linnet::cli
