// The prompts that come with the program: files in prompts/, made into constants when it is built.
#pragma once

#include <span>

namespace linnet::llm {

struct ShippedPrompt {
  const char* name;
  const char* version;  // "1", "2" …: the highest is in use, unless somebody chose another
  const char* text;
};
std::span<const ShippedPrompt> shipped_prompts();

}  // namespace linnet::llm
