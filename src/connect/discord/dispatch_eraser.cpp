#include "connect/discord/dispatch_eraser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json_members.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;

class DispatchEraser {
 public:
  explicit DispatchEraser(std::string_view person)
      : person_(person), mentions_{fmt::format("<@{}>", person), fmt::format("<@!{}>", person)} {}

  // Somebody's own: a message, a reaction, a place in a server, a person.
  [[nodiscard]] bool is_theirs(const json::object& object) const {
    if (text_view_in(object, "user_id") == person_) return true;
    if (text_view_in(object, "id") == person_ && object.contains("username")) return true;
    for (const auto* const name : {"author", "user"}) {
      const auto* const who = object_in(object, name);
      if (who != nullptr && text_view_in(*who, "id") == person_) return true;
    }
    return false;
  }

  void erase(json::value& value) {
    if (value.is_string()) return erase_text(value);
    if (auto* const array = value.if_array()) {
      const auto is_gone = [&](const json::value& one) {
        return (one.is_object() && is_theirs(one.get_object())) ||
               (one.is_string() && one.get_string() == person_);
      };
      const auto* const end = std::remove_if(array->begin(), array->end(), is_gone);
      has_changed = has_changed || end != array->end();
      array->erase(end, array->end());
      for (auto& one : *array) erase(one);
    } else if (auto* const object = value.if_object()) {
      for (auto& [name, member] : *object) {
        if (member.is_object() && is_theirs(member.get_object())) {
          member = nullptr;
          has_changed = true;
        } else {
          erase(member);
        }
      }
    }
  }

  bool has_changed = false;

 private:
  void erase_text(json::value& value) {
    if (value.get_string() == person_) {
      value = nullptr;
      has_changed = true;
      return;
    }
    std::string text(value.get_string());
    bool is_named = false;
    for (const auto& mention : mentions_) {
      for (auto at = text.find(mention); at != std::string::npos; at = text.find(mention)) {
        text.replace(at, mention.size(), "@erased");
        is_named = true;
      }
    }
    if (!is_named) return;
    value = text;
    has_changed = true;
  }

  std::string_view person_;
  std::array<std::string, 2> mentions_;
};

}  // namespace

ErasedPayload erase_from_dispatch(std::string_view /*event*/, std::string_view payload,
                                  std::string_view person) {
  using Change = ErasedPayload::Change;
  if (payload.find(person) == std::string_view::npos) return {};
  boost::system::error_code error;
  auto data = json::parse(json::string_view(payload.data(), payload.size()), error);
  if (error || !data.is_object()) return {Change::blanked, "", ""};
  DispatchEraser eraser(person);
  if (eraser.is_theirs(data.get_object())) return {Change::blanked, "", ""};
  eraser.erase(data);
  if (!eraser.has_changed) return {};
  return {Change::rewritten, json::serialize(data), ""};
}

}  // namespace linnet::connect::discord
