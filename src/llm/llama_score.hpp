// The log-probabilities of a given text, from an unmodified llama.cpp server. It tells none of a prompt, so
// that the text is what it is made to answer: a grammar that allows these tokens alone, and the probabilities
// that it had before it was forced.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"

namespace linnet::llm {

// Posts JSON to a path of the server ("/tokenize"), or gets it where there is no body; how it is sent, and
// for how long, is the caller's.
using AskLlama =
    std::function<Result<boost::json::object>(std::string_view path, const boost::json::object* body)>;

inline constexpr std::size_t kMostScoredTokens = 2'000;

struct LlamaScore {
  std::vector<double> log_probabilities;  // natural, one for each token of the continuation
  std::int64_t context_tokens = 0;
};

// `invalid` where there is nothing to score, or too much; `unavailable` for answers that are none.
Result<LlamaScore> score_on_llama(const AskLlama& ask, std::string_view context,
                                  std::string_view continuation);

}  // namespace linnet::llm
