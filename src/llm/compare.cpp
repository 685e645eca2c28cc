#include "llm/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"
#include "store/record/sql.hpp"

namespace linnet::llm {
namespace {

constexpr std::string_view kText = "text";

struct SampledPost {
  PersonInIt author;
  std::string id;
  std::string text;
};

Result<std::vector<SampledPost>> newest_posts(store::Database& database, std::int64_t most) {
  LINNET_TRY(auto reader, database.reader());
  std::vector<SampledPost> posts;
  LINNET_CHECK(store::for_each_row(
      *reader,
      R"(SELECT instance_id, id, account_id, content_text FROM posts
         WHERE deleted_at IS NULL AND followers_only = 0 AND version_seq > 0 AND content_text <> ''
         ORDER BY created_at DESC, instance_id, id LIMIT $1)",
      {most}, [&](const store::Statement& row) {
        posts.push_back({{InstanceId(row.integer(0)), PlatformUserId(std::string(row.text(2)))},
                         fmt::format("post {}/{}", row.integer(0), row.text(1)),
                         std::string(row.text(3))});
      }));
  return posts;
}

Status check_comparable(const PromptVersion& version) {
  for (const auto& name : version.variables) {
    if (name != kText && name != "system")
      return invalid(
          fmt::format("{}: {{{{{}}}}} is given by what uses this prompt; what can be compared here is "
                      "asked about a {{{{text}}}} alone",
                      version.id, name));
  }
  return {};
}

Question about(const SampledPost& post, const WantedComparison& wanted, const std::string& version) {
  Question question;
  question.asker = {wanted.asked_by, "comparison", ""};
  question.prompt = wanted.name;
  question.prompt_version = version;
  question.variables.emplace(std::string(kText), Variable::data(post.text));
  question.variables.emplace("system", Variable::ours(""));
  question.judged = post.text;
  question.contents = {Privacy::everybody, {post.author}, {post.id}};
  return question;
}

// Blanks and the order of members make no other answer.
bool mean_the_same(std::string_view one, std::string_view other) {
  boost::system::error_code failed;
  const auto first = boost::json::parse(trim(one), failed);
  if (failed) return comparable(trim(one)) == comparable(trim(other));
  const auto second = boost::json::parse(trim(other), failed);
  return !failed && first == second;
}

}  // namespace

Result<PromptComparison> compare_prompts(LanguageModels& models, store::Database& database,
                                         const WantedComparison& wanted, const std::stop_token& stop) {
  if (wanted.sample < 1 || wanted.sample > kMostCompared)
    return invalid(fmt::format("sample: expected 1 to {} posts, got {}", kMostCompared, wanted.sample));
  PromptComparison made{wanted.name, wanted.first, wanted.second, {}, 0, 0, 0};
  {
    LINNET_TRY(auto reader, database.reader());
    for (const auto* const version : {&wanted.first, &wanted.second}) {
      LINNET_TRY(const auto found, find_prompt(*reader, wanted.name, *version));
      LINNET_CHECK(check_comparable(found));
    }
  }
  LINNET_TRY(const auto posts, newest_posts(database, wanted.sample));
  if (posts.empty()) return not_found("sample: there is no post yet to compare them on");
  std::int64_t both = 0;
  std::int64_t agreed = 0;
  for (const auto& post : posts) {
    ComparedText one{post.text, {}, {}, {}, false};
    const auto first = models.ask(about(post, wanted, wanted.first), stop);
    const auto second = first ? models.ask(about(post, wanted, wanted.second), stop) : first;
    if (!second && second.error().kind == ErrorKind::cancelled) return second.error();
    if (first) made.first_cost_micros += first->usage.cost_micros;
    if (first) one.first = first->text;
    if (first && second) {
      made.second_cost_micros += second->usage.cost_micros;
      one.second = second->text;
      one.agree = mean_the_same(one.first, one.second);
      ++both;
      agreed += one.agree ? 1 : 0;
    } else {
      one.error = second.error().safe;
    }
    made.texts.push_back(std::move(one));
  }
  if (both > 0) made.agreement = static_cast<double>(agreed) / static_cast<double>(both);
  return made;
}

}  // namespace linnet::llm

namespace linnet::record {

using llm::ComparedText;
using llm::PromptComparison;

template <>
const Entity& entity_of<ComparedText>() {
  using Text = ComparedText;
  static const Entity described =
      entity<Text>({.name = "ComparedText"},
                   {field<&Text::text>("text"), field<&Text::first>("first"), field<&Text::second>("second"),
                    field<&Text::error>("error").or_null_in_json(), field<&Text::agree>("agree")});
  return described;
}
template <>
const Entity& entity_of<PromptComparison>() {
  using Made = PromptComparison;
  static const Entity described =
      entity<Made>({.name = "PromptComparison"},
                   {field<&Made::name>("name").like("sentiment"), field<&Made::first>("first").like("1"),
                    field<&Made::second>("second").like("2"),
                    field<&Made::agreement>("agreement").means("Of those that both answered, 0 to 1"),
                    field<&Made::first_cost_micros>("first_cost_micros"),
                    field<&Made::second_cost_micros>("second_cost_micros"), field<&Made::texts>("texts")});
  return described;
}

}  // namespace linnet::record
