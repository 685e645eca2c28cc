// What a model is asked to say of a topic, and what becomes of it: checked before it is kept.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "reflect/fetch.hpp"

namespace linnet::reflect {

// JSON Schema of an answer that becomes an insight.
const boost::json::object& insight_schema();

struct AnswerSubject {
  std::string name;
  double importance = 0.5;
};

// What is kept of an answer.
struct Understood {
  std::string content;
  boost::json::object metadata;  // confidence, importance, novelty, tags, open_questions
  std::vector<AnswerSubject> subjects;
};
// From the JSON, or from a text that is none: then the content is the text, with middling figures. `corrupt`
// when there is nothing in it, or more than an insight can be.
Result<Understood> read_answer(std::string_view text);

// What Linnet says itself where no model answers: sentences that hold most of what was said, as JSON of the
// schema. It says that it is an extract. Pure.
std::string extract(const std::vector<Passage>& passages);

}  // namespace linnet::reflect
