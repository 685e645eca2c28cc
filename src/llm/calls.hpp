// What was asked of language models: one row for each call, whatever came of it. What was sent and answered
// is sealed, and kept as long as retention says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/secret_box.hpp"
#include "llm/door.hpp"
#include "store/record/entity.hpp"

namespace linnet::llm {

enum class CallKind { ask, embed, score };
BOOST_DESCRIBE_ENUM(CallKind, ask, embed, score)

enum class CallOutcome {
  asking,  // under way
  answered,
  cached,    // an earlier answer was given again
  built_in,  // Linnet answered itself
  unfit,     // an answer that was not what was asked for
  failed,
  refused,  // nobody could be asked
  lost,     // the program ended meanwhile; it counts as having cost the most it could
};
BOOST_DESCRIBE_ENUM(CallOutcome, asking, answered, cached, built_in, unfit, failed, refused, lost)

struct Call {
  std::string id;
  std::string question;
  Instant started_at{};
  std::int64_t took_us = 0;
  Asker asker;
  CallKind what{};
  std::string provider;
  std::string model;
  std::string prompt;
  std::string prompt_version;
  std::string input_hash;
  std::string cache_key;
  Privacy privacy{};
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
  std::string month;
  std::int64_t reserved_micros = 0;
  std::int64_t cost_micros = 0;
  CallOutcome outcome{};
  std::string error;
};

// Each within the caller's writing transaction.

// `sent`: as it stands on the wire, without the key.
Status begin_call(store::Connection& connection, const Call& call, const Contents& contents,
                  std::string_view sent, const SecretBox& box);

struct CallEnd {
  CallOutcome outcome{};
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
  std::int64_t cost_micros = 0;
  Duration took{};
  std::string error;
  std::string answer;  // empty: none is kept
};
// What was reserved becomes what was spent. False where somebody took the call for lost meanwhile.
Result<bool> end_call(store::Connection& connection, const Call& call, const CallEnd& end,
                      const SecretBox& box);
// Calls that are under way for longer than any may be: their programs ended. Returns how many.
Result<std::int64_t> settle_lost_calls(store::Connection& connection, Instant now);

struct KeptAnswer {
  std::string text;
  Call call;
};
// The newest answer under that key. One that cannot be read any more is none.
Result<std::optional<KeptAnswer>> find_kept_answer(store::Connection& connection,
                                                   const std::string& cache_key, const SecretBox& box);

struct CallQuery {
  std::string provider;  // empty: any
  std::string run;
  std::string purpose;
  std::optional<Instant> since;
  std::optional<Instant> before;
  std::int64_t limit = 50;
};
// Newest first.
Result<std::vector<Call>> list_calls(store::Connection& connection, const CallQuery& query);

// `not_found` where there is none.
Result<Call> find_call(store::Connection& connection, std::string_view id);

struct CallTexts {
  std::string sent;    // empty: no longer kept
  std::string answer;  // the same
};
Result<CallTexts> texts_of_call(store::Connection& connection, std::string_view id, const SecretBox& box);

// The calls that had any of these in them, oldest first.
Result<std::vector<std::string>> calls_made_of(store::Connection& connection, std::string_view source);
// Their texts go, and nothing is answered from them again: what they were made of may not be used any more.
// Returns how many.
Result<std::int64_t> forget_texts_made_of(store::Connection& connection, std::string_view source);

// What a day's calls came to.
struct DayOfUse {
  std::string day;
  std::string provider;
  std::int64_t calls = 0;
  std::int64_t failed = 0;
  std::int64_t cached = 0;
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
  std::int64_t cost_micros = 0;
  std::int64_t took_us = 0;  // together
};
Result<std::vector<DayOfUse>> use_by_day(store::Connection& connection, Instant since);

}  // namespace linnet::llm

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::Call>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::DayOfUse>();
