#include "act/without_names.hpp"

#include <algorithm>

namespace linnet::act {
namespace {

// From left to right, so that what is put in is not looked at again: it may hold a name as well.
std::string text_without(std::string_view text, const std::vector<std::string>& names) {
  std::string shown;
  while (!text.empty()) {
    const auto name = std::find_if(names.begin(), names.end(),
                                   [&](const std::string& one) { return text.starts_with(one); });
    shown += name == names.end() ? text.substr(0, 1) : std::string_view("the person");
    text.remove_prefix(name == names.end() ? 1 : name->size());
  }
  return shown;
}

}  // namespace

Error without_names(Error error, std::vector<std::string> names) {
  std::erase(names, "");
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  error.message = text_without(error.message, names);
  error.safe = text_without(error.safe, names);
  return error;
}

}  // namespace linnet::act
