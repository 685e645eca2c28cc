// The one door to language models. Whoever wants a text written, judged, embedded or scored asks here: which
// provider answers is settled by what is needed, by who may see the text, by priority, limits and budget;
// every call leaves a row in `llm_calls`, whatever came of it.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/secret_box.hpp"
#include "llm/privacy.hpp"
#include "llm/variables.hpp"
#include "net/event_source.hpp"
#include "net/http_transport.hpp"
#include "store/writer.hpp"

namespace linnet::llm {

// An account whose words, or words about whom, stand in a question: with them the call is exported and
// erased.
struct PersonInIt {
  InstanceId instance;
  PlatformUserId user;
};

// Who asks, and what for: kept with the call.
struct Asker {
  std::string by;       // "user ada", "layer daily-digest"
  std::string purpose;  // "sentiment", "insight"
  std::string run;      // of a layer run or job; empty: none
};

// What is in a question, and how far it may go.
struct Contents {
  // The widest privacy of anything in it. It goes to no provider that is not allowed that much, so that what
  // is not stated stays at home.
  Privacy privacy = Privacy::dm;
  std::vector<PersonInIt> people;
  // The ids of what it was made of ("post 1/114", "insight 01J…"): what is made from revoked data is found by
  // them.
  std::vector<std::string> sources;
};

struct Parameters {
  double temperature = 0;
  int max_tokens = 512;  // of the answer
  std::optional<std::int64_t> seed;
  std::vector<std::string> stop;
};

// What Linnet answers itself where no provider can: n-grams, extracts, templates. The answer names it as
// `dspy::builtin/NAME`.
struct BuiltIn {
  std::string name;
  std::function<Result<std::string>()> answer;
};

struct Question {
  Asker asker;
  std::string prompt;          // its name: "sentiment"
  std::string prompt_version;  // empty: the one in use
  Variables variables;         // all that the prompt names
  // The text that is judged: `input_hash` is its SHA-256. Empty: that of the rendered prompt.
  std::string judged;
  Contents contents;
  Parameters parameters;
  // The answer is JSON that fits this schema (json_shape.hpp says what is understood of draft-07): it is
  // checked, and asked for again with what was wrong, a bounded number of times.
  std::optional<boost::json::object> schema;
  std::string provider;  // this one alone; empty: by priority
  bool may_be_cached = true;
  // Called with each piece of the answer as it comes; false ends the call. With it nothing is read from the
  // cache and nothing is asked again once a piece was handed on. Not together with `schema`.
  std::function<bool(std::string_view piece)> on_piece;
  // How long a provider that is at its limit is waited for, when no other can answer.
  Duration patience{};
  std::optional<BuiltIn> built_in;
};

struct Usage {
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
  std::int64_t cost_micros = 0;  // of the budget's currency, in millionths
};

// Which call gave an answer, as audit columns have it.
struct Source {
  std::string call;      // of `llm_calls`
  std::string provider;  // "mlx::qwen3"
  std::string model;
  std::string prompt_version;
  std::string input_hash;
  bool is_cached = false;
  bool is_built_in = false;
};

struct Answer {
  std::string text;
  boost::json::value json;  // where a schema was given: what fits it
  Source source;
  Usage usage;  // of all the calls it took
};

struct EmbeddingQuestion {
  Asker asker;
  std::vector<std::string> texts;
  Contents contents;
  std::string provider;  // vectors of different models cannot be compared: name it once you have some
};

struct Embeddings {
  std::vector<std::vector<float>> vectors;  // one for each text
  Source source;
  Usage usage;
};

struct ScoreQuestion {
  Asker asker;
  std::string context;       // x, z: what stands before
  std::string continuation;  // y: what is scored
  Contents contents;
  std::string provider;  // figures of different models cannot be compared
};

// Natural logarithms, one for each token of the continuation as the model cuts it.
struct Score {
  std::vector<double> log_probabilities;
  Source source;
  Usage usage;
};
double perplexity(const Score& score);

// What the door stands on; all outlive it.
struct DoorParts {
  store::Database* database = nullptr;
  store::Writer* writer = nullptr;
  const SecretBox* box = nullptr;
  net::HttpTransport* transport = nullptr;
  net::EventSource* events = nullptr;  // null: an answer that is to come in pieces comes as one
  Clock* clock = nullptr;
  // A server that cannot be reached is given up after the first, one that does not end after the second.
  Duration connect_time = std::chrono::seconds(3);
  Duration call_time = std::chrono::minutes(5);
};

// Thread-safe. Blocks until there is an answer; time and size of everything that a provider says are bounded.
//
// Errors: `invalid` (the prompt, a variable, the schema), `denied` (no provider may see it), `rate_limited`
// (limits, or the budget of the month; try later), `unavailable` (nobody answers now; try later), `corrupt`
// (no answer fitted the schema), `cancelled`.
class LanguageModels {
 public:
  virtual ~LanguageModels() = default;
  virtual Result<Answer> ask(const Question& question, std::stop_token stop) = 0;
  virtual Result<Embeddings> embed(const EmbeddingQuestion& question, std::stop_token stop) = 0;
  virtual Result<Score> score(const ScoreQuestion& question, std::stop_token stop) = 0;
};

std::unique_ptr<LanguageModels> make_language_models(const DoorParts& parts);

}  // namespace linnet::llm
