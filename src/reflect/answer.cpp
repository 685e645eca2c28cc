#include "reflect/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "base/text.hpp"

namespace linnet::reflect {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestContent = 6'000;  // bytes
constexpr std::size_t kMostTags = 10;
constexpr std::size_t kMostSubjects = 3;
constexpr std::size_t kLongestTag = 60;

json::object number_schema() {
  return {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
}
json::object texts_schema(int most, int longest) {
  return {{"type", "array"},
          {"maxItems", most},
          {"items", json::object{{"type", "string"}, {"maxLength", longest}}}};
}

double figure_in(const json::object& answer, std::string_view name, double otherwise) {
  const auto* const found = answer.if_contains(name);
  if (found == nullptr || !found->is_number()) return otherwise;
  const auto figure = found->to_number<double>();
  return std::isfinite(figure) ? std::clamp(figure, 0.0, 1.0) : otherwise;
}

// Without control characters, in UTF-8, without spaces around it.
std::string clean(std::string_view text) {
  std::string kept;
  for (const char c : to_valid_utf8(text))
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') kept += c;
  return std::string(trim(kept));
}

json::array texts_in(const json::object& answer, std::string_view name, std::size_t most,
                     std::size_t longest) {
  json::array kept;
  const auto* const found = answer.if_contains(name);
  if (found == nullptr || !found->is_array()) return kept;
  for (const auto& one : found->get_array()) {
    if (!one.is_string() || kept.size() == most) continue;
    const auto text = clean(one.get_string());
    if (!text.empty()) kept.emplace_back(truncate_utf8(text, longest));
  }
  return kept;
}

std::vector<AnswerSubject> subjects_in(const json::object& answer) {
  std::vector<AnswerSubject> subjects;
  const auto* const found = answer.if_contains("subjects");
  if (found == nullptr || !found->is_array()) return subjects;
  for (const auto& one : found->get_array()) {
    const auto* const object = one.if_object();
    const auto* const name = object == nullptr ? nullptr : object->if_contains("name");
    if (name == nullptr || !name->is_string() || subjects.size() == kMostSubjects) continue;
    const auto cleaned = clean(name->get_string());
    if (!cleaned.empty())
      subjects.push_back(
          {std::string(truncate_utf8(cleaned, kLongestTag)), figure_in(*object, "importance", 0.5)});
  }
  return subjects;
}

}  // namespace

const json::object& insight_schema() {
  static const json::object schema{
      {"type", "object"},
      {"required", json::array{"content", "confidence"}},
      {"properties",
       json::object{
           {"content", json::object{{"type", "string"}, {"minLength", 1}, {"maxLength", 4'000}}},
           {"confidence", number_schema()},
           {"importance", number_schema()},
           {"novelty", number_schema()},
           {"tags", texts_schema(kMostTags, kLongestTag)},
           {"open_questions", texts_schema(5, 300)},
           {"subjects",
            json::object{
                {"type", "array"},
                {"maxItems", kMostSubjects},
                {"items", json::object{{"type", "object"},
                                       {"required", json::array{"name"}},
                                       {"properties", json::object{{"name", json::object{{"type", "string"},
                                                                                         {"maxLength", 60}}},
                                                                   {"importance", number_schema()}}}}}}}}}};
  return schema;
}

Result<Understood> read_answer(std::string_view text) {
  boost::system::error_code code;
  auto value = json::parse(text, code);
  json::object answer;
  if (!code && !value.is_object()) return Error::of(ErrorKind::corrupt, "the answer is JSON of another kind");
  if (code)
    answer["content"] = text;
  else
    answer = std::move(value.get_object());
  const auto* const content = answer.if_contains("content");
  Understood understood;
  if (content != nullptr && content->is_string()) understood.content = clean(content->get_string());
  if (understood.content.empty()) return Error::of(ErrorKind::corrupt, "the answer has no content");
  if (understood.content.size() > kLongestContent)
    return Error::of(ErrorKind::corrupt, fmt::format("the answer has {} bytes; expected at most {}",
                                                     understood.content.size(), kLongestContent));
  understood.metadata = {{"confidence", figure_in(answer, "confidence", 0.6)},
                         {"importance", figure_in(answer, "importance", 0.5)},
                         {"novelty", figure_in(answer, "novelty", 0.5)},
                         {"tags", texts_in(answer, "tags", kMostTags, kLongestTag)},
                         {"open_questions", texts_in(answer, "open_questions", 5, 1'000)}};
  understood.subjects = subjects_in(answer);
  return understood;
}

}  // namespace linnet::reflect
