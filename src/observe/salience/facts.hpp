// What changes the ledger and does not follow from what came in: events of Linnet's own (own_facts.hpp).
//
//   {"received_at":"…","event":"salience.spent","network":"linnet","payload":{"run":"…","topic":"…",…}}
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "observe/salience/occasion.hpp"

namespace linnet::salience {

// What is set from here on, as to_text() writes it.
struct SettingsChanged {
  std::string settings;
};

// What was idle loses its share, for one day: "2026-08-09".
struct DayEnded {
  std::string day;
};

// A run thought about a topic.
struct Spent {
  std::string run;
  std::string topic;
  std::int64_t tokens = 0;
};

// Topics lose all they have.
struct Reset {
  std::string reason;
  std::vector<std::string> topics;
};

// A run's reflection named these.
struct SubjectsNamed {
  std::string run;
  std::string server;
  std::vector<NamedSubject> subjects;
};

// A direct message came, of which nothing else is said.
struct DirectMessage {
  std::string reason;
  std::string user;
};

using Fact = std::variant<SettingsChanged, DayEnded, Spent, Reset, SubjectsNamed, DirectMessage>;

// Whether an event of this kind is one of these.
bool is_fact(std::string_view type);
// "salience.spent".
std::string_view type_of(const Fact& fact);
// A line of the log, to be submitted under observe::kLinnet.
std::string line_of(const Fact& fact, Instant now);
// `invalid` names the field and what was expected.
Result<Fact> read_fact(std::string_view type, std::string_view payload);

// Without the topics for which `is_theirs` says so; nullopt where it names none of them, an empty optional
// within where nothing is left of it.
using IsTheirs = bool (*)(const TopicKey& key, const void* whose);
std::optional<std::optional<Fact>> without_topics(const Fact& fact, IsTheirs is_theirs, const void* whose);

}  // namespace linnet::salience
