#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "observe/salience/own_lines.hpp"
#include "reflect/book_spending.hpp"
#include "reflect/catalog.hpp"
#include "reflect/layer_run.hpp"
#include "reflect/runs.hpp"
#include "reflect/views.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

Status validate(const Context& context, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return Error::of(ErrorKind::not_found, fmt::format("FILE: {} cannot be read", path));
  const auto reading = reflect::read_layer(text.str());
  if (context.options.json) {
    print_json(boost::json::object{{"is_valid", reading.layer.has_value()},
                                   {"mistakes", record::to_json(reflect::views_of(reading.mistakes))}});
  } else if (reading.layer) {
    fmt::print("{}: {} is a layer of {}\n", path, reading.layer->name,
               counted(static_cast<std::int64_t>(reading.layer->nodes.size()), "step"));
  }
  if (reading.layer) return {};
  return invalid(reflect::in_words(path, reading.mistakes));
}

struct LayerRunOptions {
  std::string name;
  std::vector<std::string> topics;
  bool is_dry = false;
};

void print_plan(const reflect::LayerPlan& plan) {
  for (const auto& target : plan.targets) {
    fmt::print("{}: {}, {}\n", target.topic_key, counted(target.passages, "text"),
               reflect::to_string(target.scope));
    for (const auto& prompt : target.prompts)
      fmt::print("--- {} ({}), about {}\n{}\n", prompt.step, prompt.prompt, counted(prompt.tokens, "token"),
                 prompt.text);
  }
  const auto cost = plan.cost_micros
                        ? fmt::format("at most {:.4f}", static_cast<double>(*plan.cost_micros) / 1'000'000)
                        : std::string("what nobody knows");
  fmt::print("{}, about {}; it would cost {}\n",
             counted(static_cast<std::int64_t>(plan.targets.size()), "topic"), counted(plan.tokens, "token"),
             cost);
}

void print_run(const reflect::RunDetail& detail) {
  Table table({"topic", "outcome", "insight", "error"});
  for (const auto& one : detail.outcome)
    table.add({one.topic_key, std::string(enum_name(one.state)), one.insight_id, one.error});
  table.print("no topic deserved a thought");
  fmt::print("run {} {}{}\n", detail.run.id, enum_name(detail.run.status),
             detail.run.error.empty() ? "" : ": " + detail.run.error);
}

Status run_layer_now(Context& context, const OpenActing& open, const reflect::Layer& layer,
                     reflect::LayerParts& parts, const LayerRunOptions& options) {
  LINNET_TRY(auto ingest,
             observe::Ingest::start(*open.database, *open.writer, context.clock, ingest_options_of(context)));
  LINNET_CHECK(
      salience::tell_settings(*open.database, *ingest, context.settings.salience, context.clock.now()));
  parts.spend = [&](const reflect::Spending& spending, Instant now) {
    return reflect::book_spending(*ingest, spending, now);
  };
  LINNET_TRY(
      const auto run,
      reflect::run_layer(parts, layer, {.asked_by = person_at_terminal().name, .targets = options.topics}));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto detail, reflect::run_detail(*reader, run.id));
  if (context.options.json)
    print_json(record::to_json(detail));
  else
    print_run(detail);
  return run.status == reflect::RunStatus::failed ? Status(unavailable(run.error)) : Status();
}

Status run(Context& context, const LayerRunOptions& options) {
  const auto folder = std::filesystem::path(context.options.data) / "layers";
  LINNET_TRY(const auto layer, reflect::find_layer(folder, options.name));
  if (!layer)
    return not_found(fmt::format("NAME: there is no layer {}; linnet layer list shows them", options.name));
  LINNET_TRY(auto open, open_acting(context));
  reflect::LayerParts parts{.database = *open.database,
                            .writer = *open.writer,
                            .clock = context.clock,
                            .models = open.language_models.get(),
                            .box = open.box.get(),
                            .salience = context.settings.salience};
  if (!options.is_dry) return run_layer_now(context, open, *layer, parts, options);
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto plan, reflect::plan_layer(*reader, parts, reflect::cost_by_providers(*reader), *layer,
                                                  options.topics));
  if (context.options.json)
    print_json(record::to_json(plan));
  else
    print_plan(plan);
  return {};
}

}  // namespace

void add_layer_command(CLI::App& program, Context& context) {
  auto* const layer = program.add_subcommand("layer", "What is thought about, when, and in which steps");
  layer->require_subcommand(1);
  const auto file = std::make_shared<std::string>();
  auto* const validate_command = layer->add_subcommand(
      "validate", "Look through a layer's file; every mistake with its line and column");
  validate_command->add_option("FILE", *file, "The file, in YAML")->required();
  validate_command->callback(
      [&context, file] { context.action = [&context, file] { return validate(context, *file); }; });

  const auto options = std::make_shared<LayerRunOptions>();
  auto* const run_command = layer->add_subcommand("run", "Run a layer now");
  run_command->add_option("NAME", options->name, "The layer's name")->required();
  run_command->add_option("--topic", options->topics, "This topic, in place of those that salience chooses");
  run_command->add_flag("--dry-run", options->is_dry, "Only show topics, prompts and cost; nobody is asked");
  run_command->callback(
      [&context, options] { context.action = [&context, options] { return run(context, *options); }; });
}

}  // namespace linnet::cli
