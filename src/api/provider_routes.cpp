// Who provides language models.
#include "api/model_parts.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "llm/limits.hpp"

namespace linnet::api {
namespace {

using govern::Permission;

struct ProviderPage {
  llm::Provider provider;
  std::optional<llm::ProviderHealth> health;  // nullopt: it was not asked yet
};

struct TestedProvider {
  std::string text;
  std::string call;
  std::int64_t took_us = 0;
  llm::Usage usage;
};

Result<Page<ProviderPage>> providers(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto all, llm::list_providers(*reader));
  LINNET_TRY(const auto health, llm::list_health(*reader));
  Page<ProviderPage> page;
  for (auto& provider : all) {
    ProviderPage one{std::move(provider), {}};
    for (const auto& its : health) {
      if (its.provider_id == one.provider.id) one.health = its;
    }
    page.items.push_back(std::move(one));
  }
  return page;
}

Result<ProviderPage> provider(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  ProviderPage page;
  LINNET_TRY(page.provider, llm::find_provider(*reader, call.path[0]));
  LINNET_TRY(const auto health, llm::list_health(*reader));
  for (const auto& its : health) {
    if (its.provider_id == page.provider.id) page.health = its;
  }
  return page;
}

Result<ProviderPage> add_provider(const Call& call, const llm::ProviderChange& wanted) {
  LINNET_TRY(const auto* const box, box_of(call));
  LINNET_CHECK(call.api.dependencies.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto added, llm::add_provider(connection, call.path[0], wanted, *box, changed_by(call)));
    return {};
  }));
  return provider(call);
}

Result<ProviderPage> change_provider(const Call& call, const llm::ProviderChange& wanted) {
  LINNET_TRY(const auto* const box, box_of(call));
  LINNET_CHECK(call.api.dependencies.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto changed,
               llm::change_provider(connection, call.path[0], wanted, *box, changed_by(call)));
    return {};
  }));
  return provider(call);
}

Result<Removed> remove_provider(const Call& call) {
  LINNET_CHECK(call.api.dependencies.writer.write([&](store::Connection& connection) {
    return llm::remove_provider(connection, call.path[0], changed_by(call));
  }));
  return Removed();
}

Result<TestedProvider> test_provider(const Call& call) {
  LINNET_TRY(auto* const models, models_of(call));
  llm::Question question;
  question.asker = {"user " + call.who.name, "provider test", ""};
  question.prompt = "provider-test";
  question.parameters.max_tokens = 64;
  question.contents.privacy = llm::Privacy::everybody;
  question.provider = call.path[0];
  question.may_be_cached = false;
  const auto begin = std::chrono::steady_clock::now();
  LINNET_TRY(auto answer, models->ask(question, {}));
  const auto took = std::chrono::steady_clock::now() - begin;
  return TestedProvider{std::move(answer.text), answer.source.call,
                        std::chrono::duration_cast<std::chrono::microseconds>(took).count(), answer.usage};
}

}  // namespace
}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;
using llm::Usage;

template <>
const Entity& entity_of<ProviderPage>() {
  static const Entity described = entity<ProviderPage>(
      {.name = "LanguageModelProviderPage", .bases = {within<&ProviderPage::provider>()}},
      {field<&ProviderPage::health>("health").means("Null: it was not asked yet")});
  return described;
}
template <>
const Entity& entity_of<TestedProvider>() {
  using Tested = TestedProvider;
  static const Entity described = entity<Tested>(
      {.name = "TestedLanguageModelProvider"},
      {field<&Tested::text>("text"), field<&Tested::call>("call"), field<&Tested::took_us>("took_us"),
       field<&Tested::usage, &Usage::tokens_in>("tokens_in"),
       field<&Tested::usage, &Usage::tokens_out>("tokens_out"),
       field<&Tested::usage, &Usage::cost_micros>("cost_micros")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> provider_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      as_command("provider list", typed({Permission::read,
                                         Method::get,
                                         "/api/v1/providers",
                                         "Language models, in the order in which they are asked",
                                         {},
                                         {},
                                         200,
                                         kLive},
                                        providers)),
      as_command("provider show", typed({Permission::read,
                                         Method::get,
                                         "/api/v1/providers/{id}",
                                         "One provider of a language model, and how it does",
                                         {},
                                         {},
                                         200,
                                         kLive},
                                        provider)),
      as_command("provider add", typed({Permission::accounts,
                                        Method::post,
                                        "/api/v1/providers/{id}",
                                        "Add a provider: mlx::NAME, or dspy::VENDOR/MODEL",
                                        {},
                                        {},
                                        201,
                                        kLive},
                                       add_provider)),
      as_command("provider change", typed({Permission::accounts,
                                           Method::post,
                                           "/api/v1/providers/{id}/change",
                                           "Change a provider",
                                           {},
                                           {},
                                           200,
                                           kLive},
                                          change_provider)),
      as_command("provider remove", typed({Permission::accounts,
                                           Method::post,
                                           "/api/v1/providers/{id}/remove",
                                           "Remove a provider; what it was asked stays",
                                           {},
                                           {},
                                           200,
                                           kLive},
                                          remove_provider)),
      as_command("provider test", typed({Permission::accounts,
                                         Method::post,
                                         "/api/v1/providers/{id}/test",
                                         "Ask a provider for a sign of life",
                                         {},
                                         {},
                                         200,
                                         kLive},
                                        test_provider)),
  };
}

}  // namespace linnet::api
