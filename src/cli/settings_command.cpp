#include <CLI/CLI.hpp>

#include "cli/context.hpp"
#include "cli/output.hpp"

namespace linnet::cli {

void add_settings_command(CLI::App& program, Context& context) {
  auto* const command = program.add_subcommand(
      "settings",
      "What can be set in linnet.toml of the data folder or by environment variables, and what is");
  command->callback([&context] {
    context.action = [&context]() -> Status {
      LINNET_TRY(const auto loaded, load_settings(context.options.data));
      boost::json::array items;
      Table table({"setting", "value", "from", "variable", "what it is"});
      for (const auto& view : loaded.views) {
        items.push_back(boost::json::object{{"name", view.name},
                                            {"value", view.value},
                                            {"origin", view.origin},
                                            {"variable", view.variable},
                                            {"help", view.help}});
        table.add({std::string(view.name), view.value, view.origin, view.variable, std::string(view.help)});
      }
      if (context.options.json) {
        print_json(items);
      } else {
        table.print("");
      }
      return {};
    };
  });
}

}  // namespace linnet::cli
