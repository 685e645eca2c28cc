// Prompts with variables, in the part of Mustache that they need: {{name}}, {{#name}}…{{/name}} once for each
// item of a list or where it is true, {{^name}}…{{/name}} where it is empty or false, {{! a comment }}.
// Nothing is escaped, since a prompt is no HTML; what came from outside is put between marks instead. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "llm/variables.hpp"

namespace linnet::llm {

inline constexpr std::size_t kLongestRendered = std::size_t{2} << 20U;  // of a whole prompt, in bytes

// The mark that data stands between in one prompt: `<data-…>` and `</data-…>`. It is made of all the data, so
// that no text can hold the end of its own, and the same question has the same mark each time.
std::string data_mark(const Variables& variables);

// `invalid` names the line of the template, and the variable that is missing, or what cannot be read.
// Variables that the template does not name are no mistake.
Result<std::string> render(std::string_view text, const Variables& variables, std::string_view mark);

// What is told to the model about the marks; empty where there is no data.
std::string about_marks(const Variables& variables, std::string_view mark);

// The variables that it names, sections included, each once; `invalid` where it cannot be read.
Result<std::vector<std::string>> names_in(std::string_view text);

}  // namespace linnet::llm
