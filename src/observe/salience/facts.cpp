#include "observe/salience/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json_fields.hpp"
#include "connect/event_line.hpp"

namespace linnet::salience {
namespace {

namespace json = boost::json;

// In the order of the variant.
constexpr std::array<std::string_view, 6> kFactTypes{"salience.settings", "salience.day_ended",
                                                     "salience.spent",    "salience.reset",
                                                     "salience.subjects", "salience.direct_message"};
constexpr std::size_t kLongestSettings = 100'000;

json::object payload_of(const SettingsChanged& fact) {
  return {{"settings", fact.settings}};
}
json::object payload_of(const DayEnded& fact) {
  return {{"day", fact.day}};
}
json::object payload_of(const Spent& fact) {
  return {{"run", fact.run}, {"topic", fact.topic}, {"tokens", fact.tokens}};
}
json::object payload_of(const Reset& fact) {
  return {{"reason", fact.reason}, {"topics", json::value_from(fact.topics)}};
}
json::object payload_of(const SubjectsNamed& fact) {
  json::array subjects;
  for (const auto& subject : fact.subjects)
    subjects.push_back(json::object{{"name", subject.name}, {"importance", subject.importance}});
  return {{"run", fact.run}, {"server", fact.server}, {"subjects", std::move(subjects)}};
}
json::object payload_of(const DirectMessage& fact) {
  return {{"reason", fact.reason}, {"user", fact.user}};
}

Status check_topic(const std::string& topic) {
  LINNET_TRY(const auto key, parse_topic_key(topic));
  (void)key;
  return {};
}

Status read_into(JsonFields& fields, SettingsChanged& fact) {
  LINNET_CHECK(fields.text("settings", fact.settings, kLongestSettings));
  LINNET_TRY(const auto settings, parse_salience_settings(fact.settings));
  (void)settings;
  return {};
}
Status read_into(JsonFields& fields, DayEnded& fact) {
  LINNET_CHECK(fields.text("day", fact.day));
  const auto at = parse_iso8601(fact.day);
  return at && fact.day.size() == 10 ? Status() : invalid("payload.day: expected a day such as 2026-08-09");
}
Status read_into(JsonFields& fields, Spent& fact) {
  LINNET_CHECK(fields.text("run", fact.run));
  LINNET_CHECK(fields.text("topic", fact.topic, kLongestSettings));
  LINNET_CHECK(fields.integer("tokens", fact.tokens, 0, 1'000'000'000));
  return check_topic(fact.topic);
}
Status read_into(JsonFields& fields, Reset& fact) {
  LINNET_CHECK(fields.text("reason", fact.reason));
  LINNET_CHECK(fields.texts("topics", fact.topics, 100'000));
  for (const auto& topic : fact.topics) LINNET_CHECK(check_topic(topic));
  return {};
}
Status read_into(JsonFields& fields, SubjectsNamed& fact) {
  LINNET_CHECK(fields.text("run", fact.run));
  LINNET_CHECK(fields.text("server", fact.server));
  return fields.objects("subjects", [&](JsonFields& one) -> Status {
    auto& subject = fact.subjects.emplace_back();
    LINNET_CHECK(one.text("name", subject.name));
    return one.integer("importance", subject.importance, 0, kOne);
  });
}
Status read_into(JsonFields& fields, DirectMessage& fact) {
  LINNET_CHECK(fields.text("reason", fact.reason));
  LINNET_CHECK(fields.text("user", fact.user));
  return fact.user.empty() ? invalid("payload.user: expected the id of a user") : Status();
}

template <std::size_t Index = 0>
Result<Fact> read_of_type(std::size_t type, JsonFields& fields) {
  if constexpr (Index == std::variant_size_v<Fact>) {
    return internal_error("a fact of a kind that is not known");
  } else {
    if (type != Index) return read_of_type<Index + 1>(type, fields);
    std::variant_alternative_t<Index, Fact> fact;
    LINNET_CHECK(read_into(fields, fact));
    LINNET_CHECK(fields.nothing_else());
    return Fact(std::move(fact));
  }
}

using Left = std::optional<std::optional<Fact>>;

}  // namespace

bool is_fact(std::string_view type) {
  return std::find(kFactTypes.begin(), kFactTypes.end(), type) != kFactTypes.end();
}

std::string_view type_of(const Fact& fact) {
  return kFactTypes[fact.index()];
}

std::string line_of(const Fact& fact, Instant now) {
  const auto payload = std::visit([](const auto& one) { return payload_of(one); }, fact);
  return connect::make_event_line(now, type_of(fact), json::serialize(payload), "linnet");
}

Result<Fact> read_fact(std::string_view type, std::string_view payload) {
  LINNET_TRY(const auto object, parse_json_object("payload", payload));
  JsonFields fields(object, "payload");
  const auto found = std::find(kFactTypes.begin(), kFactTypes.end(), type);
  return read_of_type(static_cast<std::size_t>(found - kFactTypes.begin()), fields);
}

std::optional<std::optional<Fact>> without_topics(const Fact& fact, IsTheirs is_theirs, const void* whose) {
  const auto names_them = [&](const std::string& topic) {
    const auto key = parse_topic_key(topic);
    return key && is_theirs(*key, whose);
  };
  if (const auto* const spent = std::get_if<Spent>(&fact))
    return names_them(spent->topic) ? Left(std::optional<Fact>()) : Left();
  if (const auto* const message = std::get_if<DirectMessage>(&fact))
    return names_them(topic_of(Category::user, {}, message->user)) ? Left(std::optional<Fact>()) : Left();
  if (const auto* const reset = std::get_if<Reset>(&fact)) {
    auto left = *reset;
    if (std::erase_if(left.topics, names_them) == 0) return Left();
    return left.topics.empty() ? Left(std::optional<Fact>()) : Left(std::optional<Fact>(std::move(left)));
  }
  return Left();
}

}  // namespace linnet::salience
