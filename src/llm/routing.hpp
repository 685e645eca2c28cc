// Which providers may answer, in which order. Pure.
#pragma once

#include <string>
#include <vector>

#include "llm/calls.hpp"
#include "llm/provider.hpp"

namespace linnet::llm {

struct Needs {
  CallKind what{};
  Privacy privacy{};
  std::int64_t least_tokens = 0;  // of its context; 0: not known
  std::string provider;           // this one alone
};

// In the order in which they are to be asked. Where there is none the error says what is in the way of the
// one that would be next: `denied` where one can answer but may not see it, `invalid` where it is too long
// for all, else `unavailable`.
Result<std::vector<Provider>> route(const std::vector<Provider>& all, const Needs& needs);

}  // namespace linnet::llm
