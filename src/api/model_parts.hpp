// What routes about language models have in common.
#pragma once

#include "api/routes.hpp"
#include "llm/provider.hpp"

namespace linnet::api {

inline Result<const SecretBox*> box_of(const Call& call) {
  const auto& given = call.api.dependencies;
  if (given.box == nullptr && given.open_box) return given.open_box();
  if (given.box == nullptr) return internal_error("no key is open");
  return given.box;
}

inline Result<llm::LanguageModels*> models_of(const Call& call) {
  if (call.api.dependencies.language_models == nullptr) return internal_error("no language models are open");
  return call.api.dependencies.language_models;
}

inline llm::Change changed_by(const Call& call) {
  return {call.who.name, call.api.dependencies.clock.now()};
}

}  // namespace linnet::api
