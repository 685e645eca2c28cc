// The JSON that a model is asked for: what of draft-07 a schema may say, whether an answer fits it, and
// finding the JSON in what a model wrote around it. Pure.
//
// Understood are type (one name), properties, required, additionalProperties, items, enum, const, anyOf,
// minimum, maximum, minLength, maxLength, minItems, maxItems, and what only describes: title, description,
// default, examples, $schema, $comment, $id, version. A schema that says anything else is refused, so that
// nothing is taken for checked that is not.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "base/result.hpp"

namespace linnet::llm {

// `invalid` names the place and the word that is not understood.
Status check_schema(const boost::json::object& schema);

// `invalid` says where, what was expected and what was found. The schema was checked.
Status check_against(const boost::json::object& schema, const boost::json::value& value);

// The first JSON in the text that fits the schema: the whole of it, what stands between marks of a code
// block, or behind some words. Else what is wrong with the first that there is. A number of tries, bounded by
// the text.
Result<boost::json::value> read_json_answer(std::string_view text, const boost::json::object& schema);

}  // namespace linnet::llm
