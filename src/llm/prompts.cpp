#include "llm/prompts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.hpp"
#include "govern/audit.hpp"
#include "llm/prompt_template.hpp"
#include "llm/shipped_prompts.hpp"
#include "store/record/sql.hpp"

namespace linnet::llm {
namespace {

constexpr std::size_t kLongestPrompt = 50'000;
constexpr std::string_view kSystemLine = "--- system\n";
constexpr std::string_view kUserLine = "--- user\n";

int number_of(std::string_view version) {
  int number = 0;
  if (version.starts_with('e')) version.remove_prefix(1);
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

PromptVersion shipped_version(const ShippedPrompt& shipped) {
  PromptVersion made;
  made.name = shipped.name;
  made.version = shipped.version;
  made.id = made.name + "/" + made.version;
  made.is_shipped = true;
  const std::string_view text(shipped.text);
  const auto user = text.find(kUserLine);
  const auto system = text.find(kSystemLine);
  if (system != std::string_view::npos && system < user)
    made.system_text = trim(text.substr(system + kSystemLine.size(), user - system - kSystemLine.size()));
  made.user_text = trim(text.substr(user + kUserLine.size()));
  return made;
}

Result<std::vector<std::string>> variables_of(std::string_view system, std::string_view user) {
  LINNET_TRY(auto names, names_in(system));
  LINNET_TRY(const auto more, names_in(user));
  for (const auto& name : more) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

bool stands_before(const PromptVersion& one, const PromptVersion& other) {
  if (one.name != other.name) return one.name < other.name;
  if (one.is_shipped != other.is_shipped) return one.is_shipped;
  return number_of(one.version) < number_of(other.version);
}

// What was chosen, else the newest that came with the program.
void mark_in_use(std::vector<PromptVersion>& sorted, const std::map<std::string, std::string>& choices) {
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto chosen = choices.find(sorted[i].name);
    const bool is_newest_shipped =
        sorted[i].is_shipped &&
        (i + 1 == sorted.size() || sorted[i + 1].name != sorted[i].name || !sorted[i + 1].is_shipped);
    sorted[i].is_in_use = chosen == choices.end() ? is_newest_shipped : chosen->second == sorted[i].version;
  }
}

Status note_prompt(store::Connection& connection, std::string_view what, std::string_view id,
                   const Change& by) {
  govern::AuditEntry entry;
  entry.event = govern::AuditEvent::action_complete;
  entry.actor = by.actor;
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", what}, {"prompt", id}};
  return govern::append_audit(connection, std::move(entry), by.now);
}

Status check_new(const NewPromptVersion& wanted) {
  if (trim(wanted.user_text).empty()) return invalid("user_text: expected what the model is asked");
  LINNET_CHECK(check_length("system_text", wanted.system_text, kLongestPrompt));
  return check_length("user_text", wanted.user_text, kLongestPrompt);
}

Status refuse_unknown_variables(const PromptVersion& fresh, const std::vector<PromptVersion>& before) {
  std::vector<std::string> known;
  for (const auto& version : before) {
    if (version.is_shipped) known.insert(known.end(), version.variables.begin(), version.variables.end());
  }
  for (const auto& name : fresh.variables) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return invalid(fmt::format("{{{{{}}}}}: this prompt is given no such variable; it is given {}", name,
                               known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
  }
  return {};
}

}  // namespace

Result<std::vector<PromptVersion>> list_prompts(store::Connection& connection) {
  LINNET_TRY(auto all, record::find_all<PromptVersion>(connection, "1 = 1"));
  for (const auto& shipped : shipped_prompts()) all.push_back(shipped_version(shipped));
  std::sort(all.begin(), all.end(), stands_before);
  std::map<std::string, std::string> choices;
  LINNET_CHECK(
      store::for_each_row(connection, "SELECT name, version FROM llm_prompt_choices", {},
                          [&](const store::Statement& row) { choices.emplace(row.text(0), row.text(1)); }));
  mark_in_use(all, choices);
  for (auto& version : all) {
    LINNET_TRY(version.variables, variables_of(version.system_text, version.user_text));
  }
  return all;
}

Result<PromptVersion> find_prompt(store::Connection& connection, std::string_view name,
                                  std::string_view version) {
  LINNET_TRY(auto all, list_prompts(connection));
  std::vector<std::string> there;
  for (auto& one : all) {
    if (one.name != name) continue;
    if (version.empty() ? one.is_in_use : one.version == version) return std::move(one);
    there.push_back(one.version);
  }
  const auto shown = to_valid_utf8(truncate_utf8(name, 60));
  if (there.empty())
    return not_found(fmt::format("prompt: there is no {}; linnet prompt list shows all", shown));
  return not_found(fmt::format("prompt: {} has no version {}; it has {}", shown,
                               to_valid_utf8(truncate_utf8(version, 60)), fmt::join(there, ", ")));
}

Result<PromptVersion> write_prompt_version(store::Connection& connection, std::string_view name,
                                           const NewPromptVersion& wanted, const Change& by) {
  LINNET_TRY(const auto newest, find_prompt(connection, name, ""));
  LINNET_CHECK(check_new(wanted));
  LINNET_TRY(auto all, list_prompts(connection));
  std::erase_if(all, [&](const PromptVersion& one) { return one.name != name; });
  PromptVersion fresh;
  fresh.name = newest.name;
  int highest = 0;
  for (const auto& one : all) {
    if (!one.is_shipped) highest = std::max(highest, number_of(one.version));
  }
  fresh.version = fmt::format("e{}", highest + 1);
  fresh.id = fresh.name + "/" + fresh.version;
  fresh.system_text = wanted.system_text;
  fresh.user_text = wanted.user_text;
  fresh.note = wanted.note;
  fresh.written_by = by.actor;
  fresh.written_at = by.now;
  LINNET_TRY(fresh.variables, variables_of(fresh.system_text, fresh.user_text));
  LINNET_CHECK(refuse_unknown_variables(fresh, all));
  LINNET_CHECK(record::insert(connection, fresh));
  LINNET_CHECK(note_prompt(connection, "prompt_written", fresh.id, by));
  return fresh;
}

Status choose_prompt_version(store::Connection& connection, std::string_view name, std::string_view version,
                             const Change& by) {
  LINNET_TRY(const auto found, find_prompt(connection, name, version));
  LINNET_CHECK(store::run(connection,
                          R"(INSERT INTO llm_prompt_choices (name, version) VALUES ($1, $2)
                             ON CONFLICT (name) DO UPDATE SET version = excluded.version)",
                          {std::string_view(found.name), std::string_view(found.version)}));
  return note_prompt(connection, "prompt_chosen", found.id, by);
}

}  // namespace linnet::llm

namespace linnet::record {

using llm::NewPromptVersion;
using llm::PromptVersion;

template <>
const Entity& entity_of<PromptVersion>() {
  using Version = PromptVersion;
  static const Entity described = entity<Version>(
      {.name = "PromptVersion", .table = "llm_prompts"},
      {field<&Version::id>("id").key().like("sentiment/2"), field<&Version::name>("name").like("sentiment"),
       field<&Version::version>("version").like("2"), field<&Version::system_text>("system_text"),
       field<&Version::user_text>("user_text"), field<&Version::note>("note"),
       field<&Version::written_by>("written_by").ours(), field<&Version::written_at>("written_at"),
       field<&Version::is_shipped>("is_shipped").in_json_only(),
       field<&Version::is_in_use>("is_in_use").in_json_only(),
       field<&Version::variables>("variables").in_json_only()});
  return described;
}
template <>
const Entity& entity_of<NewPromptVersion>() {
  using New = NewPromptVersion;
  static const Entity described = entity<New>(
      {.name = "NewPromptVersion", .example = R"({"user_text":"How does this post sound?\n{{text}}"})"},
      {field<&New::system_text>("system_text").at_most(llm::kLongestPrompt),
       field<&New::user_text>("user_text").required().at_most(llm::kLongestPrompt),
       field<&New::note>("note").at_most(kLongestReason).means("What is tried with it")});
  return described;
}

}  // namespace linnet::record
