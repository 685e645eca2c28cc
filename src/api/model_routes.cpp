// What was asked of language models, what it cost, and asking them something oneself.
#include "api/model_parts.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"
#include "llm/calls.hpp"
#include "llm/limits.hpp"

namespace linnet::api {
namespace {

using govern::Permission;

struct WantedBudget {
  double monthly = 0;
};

struct CallPage {
  llm::Call call;
  std::string sent;
  std::string answer;
};

struct PlainQuestion {
  std::string text;
  std::string system;
  std::string provider;
  std::int64_t max_tokens = 512;
  double temperature = 0;
  llm::Privacy privacy = llm::Privacy::dm;
};

struct PlainAnswer {
  std::string text;
  std::string provider;
  std::string model;
  std::string call;
  std::string sent;
  llm::Usage usage;
};

struct WantedScore {
  std::string context;
  std::string continuation;
  std::string provider;
  llm::Privacy privacy = llm::Privacy::dm;
};

struct ScoredText {
  std::vector<double> log_probabilities;
  double perplexity = 0;
  std::string provider;
  std::string model;
  std::string call;
};

constexpr std::int64_t kMostCallsListed = 500;

Result<llm::Budget> budget(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return llm::read_budget(*reader, call.api.dependencies.clock.now());
}

Result<llm::Budget> set_budget(const Call& call, const WantedBudget& wanted) {
  if (!(wanted.monthly >= 0 && wanted.monthly <= 1e6))
    return invalid("monthly: expected 0 to 1000000, in what prices are given in");
  LINNET_CHECK(call.api.dependencies.writer.write([&](store::Connection& connection) {
    return llm::set_budget(connection, static_cast<std::int64_t>(wanted.monthly * 1e6), changed_by(call));
  }));
  return budget(call);
}

Result<Page<llm::Call>> calls(const Call& call) {
  Parameters given(call.request);
  llm::CallQuery query;
  query.provider = given.text("provider");
  query.run = given.text("run");
  query.purpose = given.text("purpose");
  LINNET_TRY(query.since, given.time("since"));
  LINNET_TRY(query.before, given.time("before"));
  LINNET_TRY(query.limit, given.integer("limit", 50, 1, kMostCallsListed));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto found, llm::list_calls(*reader, query));
  return Page<llm::Call>{std::move(found)};
}

Result<CallPage> one_call(const Call& call) {
  LINNET_TRY(const auto* const box, box_of(call));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  CallPage page;
  LINNET_TRY(page.call, llm::find_call(*reader, call.path[0]));
  LINNET_TRY(auto texts, llm::texts_of_call(*reader, call.path[0], *box));
  page.sent = std::move(texts.sent);
  page.answer = std::move(texts.answer);
  return page;
}

Result<Page<llm::DayOfUse>> use(const Call& call) {
  Parameters given(call.request);
  LINNET_TRY(const auto since, given.time("since"));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  const auto month_ago = call.api.dependencies.clock.now() - std::chrono::hours(24 * 30);
  LINNET_TRY(auto days, llm::use_by_day(*reader, since.value_or(month_ago)));
  return Page<llm::DayOfUse>{std::move(days)};
}

Result<PlainAnswer> ask_plainly(const Call& call, const PlainQuestion& wanted) {
  LINNET_TRY(auto* const models, models_of(call));
  LINNET_TRY(const auto* const box, box_of(call));
  llm::Question question;
  question.asker = {"user " + call.who.name, "playground", ""};
  question.prompt = "plain";
  question.prompt_version = "1";
  question.variables.emplace("system", llm::Variable::ours(wanted.system));
  question.variables.emplace("text", llm::Variable::ours(wanted.text));
  question.parameters.max_tokens = static_cast<int>(wanted.max_tokens);
  question.parameters.temperature = wanted.temperature;
  question.contents.privacy = wanted.privacy;
  question.provider = wanted.provider;
  question.may_be_cached = false;
  LINNET_TRY(auto answer, models->ask(question, {}));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto texts, llm::texts_of_call(*reader, answer.source.call, *box));
  return PlainAnswer{std::move(answer.text), answer.source.provider, answer.source.model,
                     answer.source.call,     std::move(texts.sent),  answer.usage};
}

Result<ScoredText> score(const Call& call, const WantedScore& wanted) {
  LINNET_TRY(auto* const models, models_of(call));
  llm::ScoreQuestion question;
  question.asker = {"user " + call.who.name, "playground", ""};
  question.context = wanted.context;
  question.continuation = wanted.continuation;
  question.contents.privacy = wanted.privacy;
  question.provider = wanted.provider;
  LINNET_TRY(auto scored, models->score(question, {}));
  const auto perplexity = llm::perplexity(scored);
  return ScoredText{std::move(scored.log_probabilities), perplexity, scored.source.provider,
                    scored.source.model, scored.source.call};
}

}  // namespace
}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;
using llm::Usage;

template <>
const Entity& entity_of<WantedBudget>() {
  static const Entity described = entity<WantedBudget>(
      {.name = "WantedLanguageModelBudget", .example = R"({"monthly":5})"},
      {field<&WantedBudget::monthly>("monthly").required().means(
          "The most that a month may cost, in what prices are given in; 0: nothing that costs is asked")});
  return described;
}
template <>
const Entity& entity_of<CallPage>() {
  static const Entity described = entity<CallPage>(
      {.name = "LanguageModelCallPage", .bases = {within<&CallPage::call>()}},
      {field<&CallPage::sent>("sent").or_null_in_json().means("As it was sent; null: it is no longer kept"),
       field<&CallPage::answer>("answer").or_null_in_json()});
  return described;
}
template <>
const Entity& entity_of<PlainQuestion>() {
  using Plain = PlainQuestion;
  static const Entity described = entity<Plain>(
      {.name = "PlainQuestion", .example = R"({"text":"Say hello","privacy":"everybody"})"},
      {field<&Plain::text>("text").required().at_most(kLongestPost),
       field<&Plain::system>("system").at_most(kLongestPost),
       field<&Plain::provider>("provider").means("This one alone; absent: by priority"),
       field<&Plain::max_tokens>("max_tokens").between(1, 100'000), field<&Plain::temperature>("temperature"),
       field<&Plain::privacy>("privacy").means(
           "The most private thing in it; absent: dm, so that it goes to no "
           "provider that may not see that")});
  return described;
}
template <>
const Entity& entity_of<PlainAnswer>() {
  using Plain = PlainAnswer;
  static const Entity described = entity<Plain>(
      {.name = "PlainAnswer"},
      {field<&Plain::text>("text"), field<&Plain::provider>("provider"), field<&Plain::model>("model"),
       field<&Plain::call>("call"), field<&Plain::sent>("sent").means("Exactly as it was sent"),
       field<&Plain::usage, &Usage::tokens_in>("tokens_in"),
       field<&Plain::usage, &Usage::tokens_out>("tokens_out"),
       field<&Plain::usage, &Usage::cost_micros>("cost_micros")});
  return described;
}
template <>
const Entity& entity_of<WantedScore>() {
  using Wanted = WantedScore;
  static const Entity described = entity<Wanted>(
      {.name = "WantedScore", .example = R"({"context":"The licence","continuation":" is free."})"},
      {field<&Wanted::context>("context").at_most(kLongestPost).means("What stands before"),
       field<&Wanted::continuation>("continuation").required().at_most(kLongestPost).means("What is scored"),
       field<&Wanted::provider>("provider").means("This one alone; absent: by priority"),
       field<&Wanted::privacy>("privacy").means("The most private thing in it; absent: dm")});
  return described;
}
template <>
const Entity& entity_of<ScoredText>() {
  using Scored = ScoredText;
  static const Entity described = entity<Scored>(
      {.name = "ScoredText"},
      {field<&Scored::log_probabilities>("log_probabilities").means("Natural logarithms, one for each token"),
       field<&Scored::perplexity>("perplexity"), field<&Scored::provider>("provider"),
       field<&Scored::model>("model"), field<&Scored::call>("call")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> model_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      as_command("provider budget", typed({Permission::read,
                                           Method::get,
                                           "/api/v1/language-models/budget",
                                           "What this month may cost, and did",
                                           {},
                                           {},
                                           200,
                                           kLive},
                                          budget)),
      as_command("provider limit", typed({Permission::accounts,
                                          Method::post,
                                          "/api/v1/language-models/budget",
                                          "Set the most that a month may cost",
                                          {},
                                          {},
                                          200,
                                          kLive},
                                         set_budget)),
      as_command("provider calls", typed({Permission::audit,
                                          Method::get,
                                          "/api/v1/language-models/calls",
                                          "What was asked of language models, the newest first",
                                          {"provider", "run", "purpose", "since", "before", "limit"},
                                          {},
                                          200,
                                          kLive},
                                         calls)),
      as_command("provider call", typed({Permission::dm_read,
                                         Method::get,
                                         "/api/v1/language-models/calls/{id}",
                                         "One call, with what was sent and answered",
                                         {},
                                         {},
                                         200,
                                         kLive},
                                        one_call)),
      as_command("provider use", typed({Permission::read,
                                        Method::get,
                                        "/api/v1/language-models/use",
                                        "What each day's calls came to",
                                        {"since"},
                                        {},
                                        200,
                                        kLive},
                                       use)),
      as_command("provider ask", typed({Permission::act,
                                        Method::post,
                                        "/api/v1/language-models/ask",
                                        "Ask a question of one's own, and see what was sent",
                                        {},
                                        {},
                                        200,
                                        kLive},
                                       ask_plainly)),
      as_command("provider score", typed({Permission::act,
                                          Method::post,
                                          "/api/v1/language-models/score",
                                          "How probable a text is behind another",
                                          {},
                                          {},
                                          200,
                                          kLive},
                                         score)),
  };
}

}  // namespace linnet::api
