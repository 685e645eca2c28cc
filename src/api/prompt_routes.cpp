// The words that language models are asked with.
#include "api/model_parts.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"
#include "llm/compare.hpp"
#include "llm/prompts.hpp"

namespace linnet::api {
namespace {

using govern::Permission;

Result<Page<llm::PromptVersion>> prompts(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto all, llm::list_prompts(*reader));
  return Page<llm::PromptVersion>{std::move(all)};
}

Result<llm::PromptVersion> prompt(const Call& call) {
  Parameters given(call.request);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return llm::find_prompt(*reader, call.path[0], given.text("version"));
}

Result<llm::PromptVersion> write_prompt(const Call& call, const llm::NewPromptVersion& wanted) {
  llm::PromptVersion written;
  LINNET_CHECK(call.api.dependencies.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(written, llm::write_prompt_version(connection, call.path[0], wanted, changed_by(call)));
    return {};
  }));
  return written;
}

Result<llm::PromptVersion> use_prompt(const Call& call) {
  LINNET_CHECK(call.api.dependencies.writer.write([&](store::Connection& connection) {
    return llm::choose_prompt_version(connection, call.path[0], call.path[1], changed_by(call));
  }));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return llm::find_prompt(*reader, call.path[0], call.path[1]);
}

Result<llm::PromptComparison> compare(const Call& call) {
  LINNET_TRY(auto* const models, models_of(call));
  Parameters given(call.request);
  llm::WantedComparison wanted{call.path[0], call.path[1], call.path[2], 10, "user " + call.who.name};
  LINNET_TRY(wanted.sample, given.integer("sample", 10, 1, llm::kMostCompared));
  return llm::compare_prompts(*models, call.api.dependencies.database, wanted, {});
}

}  // namespace

std::vector<Route> prompt_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      as_command("prompt list", typed({Permission::read,
                                       Method::get,
                                       "/api/v1/prompts",
                                       "What language models are asked with, in all versions",
                                       {},
                                       {},
                                       200,
                                       kLive},
                                      prompts)),
      as_command("prompt show", typed({Permission::read,
                                       Method::get,
                                       "/api/v1/prompts/{name}",
                                       "A prompt in the version in use, or another",
                                       {"version"},
                                       {},
                                       200,
                                       kLive},
                                      prompt)),
      as_command("prompt write", typed({Permission::rules,
                                        Method::post,
                                        "/api/v1/prompts/{name}/versions",
                                        "Write a new version of a prompt",
                                        {},
                                        {},
                                        201,
                                        kLive},
                                       write_prompt)),
      as_command("prompt use", typed({Permission::rules,
                                      Method::post,
                                      "/api/v1/prompts/{name}/use/{version}",
                                      "Choose the version that is used",
                                      {},
                                      {},
                                      200,
                                      kLive},
                                     use_prompt)),
      as_command("prompt compare", typed({Permission::act,
                                          Method::post,
                                          "/api/v1/prompts/{name}/compare/{first}/{second}",
                                          "Two versions side by side, on the newest posts",
                                          {"sample"},
                                          {},
                                          200,
                                          kLive},
                                         compare)),
  };
}

}  // namespace linnet::api
