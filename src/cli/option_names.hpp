// Errors of what the commands share with the API name its fields; who typed a command knows its options.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace linnet::cli {

// The API's name of a field, and the option or argument of the command.
using OptionNames = std::vector<std::pair<std::string_view, std::string_view>>;

// The field that a sentence begins with ("due_at: …"), and each that is named in it by a name with an
// underscore, as the option. Others stay: "text" is a word of its own as well.
std::string with_options(std::string_view sentence, const OptionNames& names);

Error with_options(Error error, const OptionNames& names);
template <typename T>
Result<T> with_options(Result<T> result, const OptionNames& names) {
  return result ? std::move(result) : Result<T>(with_options(result.error(), names));
}

}  // namespace linnet::cli
