// Jobs: what is due, at work and done; asked for and called off. `linnet serve` does them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <map>

#include "base/instant_words.hpp"
#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "jobs/job_json.hpp"
#include "jobs/job_store.hpp"
#include "jobs/known_kinds.hpp"

namespace linnet::cli {
namespace {

struct ListOptions {
  std::string kind;
  std::string state;
  bool all = false;
  std::int64_t limit = 50;
};

std::string when(const jobs::Job& job) {
  if (job.ended_at) return "ended " + in_words(*job.ended_at);
  if (job.state == jobs::State::running && job.started_at) return "since " + in_words(*job.started_at);
  return "due " + in_words(job.due_at);
}

std::string how_far(const jobs::Job& job) {
  if (job.total > 0 && job.state == jobs::State::running)
    return fmt::format("{} of {}", with_separators(job.done), with_separators(job.total));
  return job.error.empty() ? job.note : job.error;
}

// What accounts are called, by the id that is the key of jobs for them.
using AccountNames = std::map<std::string, std::string>;

Result<AccountNames> account_names(store::Connection& reader) {
  AccountNames names;
  LINNET_CHECK(store::for_each_row(reader, "SELECT id, username FROM accounts", {},
                                   [&](const auto& row) { names.emplace(row.text(0), row.text(1)); }));
  return names;
}

std::string name_of(const jobs::Job& job, const AccountNames& names = {}) {
  if (job.key.empty()) return job.kind;
  const auto named = names.find(job.key);
  return job.kind + " " + (named != names.end() ? named->second : job.key);
}

Status list(Context& context, const ListOptions& options) {
  jobs::JobFilter filter{.kind = options.kind, .is_alive = !options.all, .limit = options.limit};
  if (!options.kind.empty() && jobs::find_kind(jobs::known_kinds(), options.kind) == nullptr)
    return invalid(fmt::format("--kind: there is no kind of jobs called \"{}\"", options.kind));
  if (!options.state.empty()) {
    filter.state = jobs::parse_state(options.state);
    if (!filter.state)
      return invalid("--state: expected waiting, running, asking, done, failed or cancelled");
    filter.is_alive = false;
  }
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto found, jobs::list(*reader, filter));
  LINNET_TRY(const auto names, account_names(*reader));
  boost::json::array items;
  Table table({"id", "job", "state", "when", "does", ""});
  const auto now = context.clock.now();
  for (const auto& job : found) {
    items.push_back(to_json(job, now));
    table.add({std::to_string(job.id.value()), name_of(job, names), std::string(to_string(job.state)),
               when(job), std::string(jobs::title_of(job.kind)), shortened(how_far(job), 60)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    const bool is_narrowed = !options.kind.empty() || !options.state.empty();
    table.print(is_narrowed ? "no such jobs; linnet job list shows what waits, --all also what has ended"
                            : "no jobs; linnet serve puts those with a schedule on the list");
  }
  return {};
}

Result<jobs::JobId> read_id(const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    return invalid(fmt::format("ID: expected the number of a job, as linnet job list shows it, got \"{}\"",
                               text.substr(0, 40)));
  return jobs::JobId(id);
}

Result<jobs::Job> get(store::Connection& connection, jobs::JobId id) {
  LINNET_TRY(auto job, jobs::find(connection, id));
  if (!job) return not_found(fmt::format("ID: there is no job {}", id.value()));
  return std::move(*job);
}

void print_job(const Context& context, const jobs::Job& job) {
  if (context.options.json) {
    print_json(to_json(job, context.clock.now()));
    return;
  }
  Table table({"", ""});
  const auto say = [&](const char* name, std::string value) {
    if (!value.empty()) table.add({name, std::move(value)});
  };
  say("job", fmt::format("{}, {}", job.id.value(), name_of(job)));
  say("does", std::string(jobs::title_of(job.kind)));
  say("state", std::string(to_string(job.state)) + (job.cancel_asked ? ", asked to stop" : ""));
  say("when", when(job));
  if (!job.schedule.empty()) {
    say("schedule", fmt::format("{} ({})", job.schedule, job.zone));
    say("missed times", job.missed == jobs::Missed::run_once ? "one run in their place"
                        : job.missed == jobs::Missed::skip   ? "left out"
                                                             : "a person is asked");
    if (job.last_run_at) say("last run", in_words(*job.last_run_at));
  }
  say("asked by", job.asked_by);
  if (job.tries > 0) say("tries", std::to_string(job.tries));
  if (job.total > 0)
    say("progress", fmt::format("{} of {}", with_separators(job.done), with_separators(job.total)));
  say("note", job.note);
  say("error", job.error);
  say("result", job.result);
  table.print("");
}

Status show(Context& context, const std::string& text) {
  LINNET_TRY(const auto id, read_id(text));
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto job, get(*reader, id));
  print_job(context, job);
  return {};
}

using Change = std::function<Result<jobs::JobId>(store::Connection&)>;

Result<jobs::Job> change(Context& context, const Change& what) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  jobs::Job job;
  LINNET_CHECK(writer->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto id, what(connection));
    LINNET_TRY(job, get(connection, id));
    return {};
  }));
  print_job(context, job);
  return job;
}

Status ask_for(Context& context, const Change& what) {
  LINNET_TRY(const auto job, change(context, what));
  if (!context.options.quiet && job.state == jobs::State::waiting)
    fmt::print(stderr, "linnet serve takes it up, within a second of its time while it runs.\n");
  return {};
}

Status cancel(Context& context, const std::string& text) {
  LINNET_TRY(const auto id, read_id(text));
  LINNET_TRY(const auto job, change(context, [&](store::Connection& connection) -> Result<jobs::JobId> {
               LINNET_CHECK(jobs::cancel(connection, id, person_at_terminal().name, context.clock.now()));
               return id;
             }));
  if (!context.options.quiet && job.state == jobs::State::waiting)
    fmt::print(stderr,
               "It comes again at the time that is shown; cancelled once more, that is left out too.\n");
  return {};
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Status run(Context& context, const std::string& what) {
  const auto by = person_at_terminal().name;
  if (is_number(what)) {
    LINNET_TRY(const auto id, read_id(what));
    return ask_for(context, [&](store::Connection& connection) -> Result<jobs::JobId> {
      LINNET_CHECK(jobs::run_now(connection, id, by, context.clock.now()));
      return id;
    });
  }
  const auto* const kind = jobs::find_kind(jobs::known_kinds(), what);
  if (kind != nullptr && !kind->may_be_asked_for)
    return invalid(fmt::format("JOB: {} is asked for by {}", kind->name, kind->asked_for_by));
  if (kind == nullptr) {
    std::string names;
    for (const auto& one : jobs::known_kinds())
      if (one.may_be_asked_for) names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
    return invalid(fmt::format("JOB: expected the number of a job that waits, or one of {}; got \"{}\"",
                               names, what.substr(0, 40)));
  }
  return ask_for(context, [&](store::Connection& connection) {
    return jobs::run_kind_now(connection, *kind, {.asked_by = by}, context.clock.now());
  });
}

}  // namespace

void add_job_command(CLI::App& program, Context& context) {
  auto* const job = program.add_subcommand("job", "What is done by the clock, and what takes long");
  job->require_subcommand(1);
  const auto options = std::make_shared<ListOptions>();
  auto* const list_command = job->add_subcommand("list", "What is due, running, done and failed");
  list_command->add_option("--kind", options->kind, "Only of this kind");
  list_command->add_option("--state", options->state,
                           "Only waiting, running, asking, done, failed or cancelled");
  list_command->add_flag("--all", options->all, "Also those that have ended");
  list_command->add_option("--limit", options->limit, "Most rows")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  list_command->callback(
      [&context, options] { context.action = [&context, options] { return list(context, *options); }; });
  const auto add = [&](const char* name, const char* argument, const char* about, const char* help,
                       Status (*act)(Context&, const std::string&)) {
    const auto given = std::make_shared<std::string>();
    auto* const command = job->add_subcommand(name, help);
    command->add_option(argument, *given, about)->required();
    command->callback(
        [&context, given, act] { context.action = [&context, given, act] { return act(context, *given); }; });
  };
  add("show", "ID", "Its number", "One job, its schedule and what came of it", show);
  add("cancel", "ID", "Its number",
      "Call a job off: one that runs is asked to stop, one with a schedule leaves out this time", cancel);
  add("run", "JOB", "Its number, or a kind such as backup, replay or retention",
      "Run a job as soon as may be, also one that asks whether a missed time is made up for", run);
}

}  // namespace linnet::cli
