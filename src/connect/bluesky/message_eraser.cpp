#include "connect/bluesky/message_eraser.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_members.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

class Eraser {
 public:
  explicit Eraser(std::string_view did) : did_(did), root_(fmt::format("at://{}", did)) {}

  void erase(json::value& value) {
    if (value.is_string()) {
      if (points_at_them(value.as_string())) {
        value = kErasedPost;
        has_changed = true;
      }
    } else if (value.is_array()) {
      for (auto& item : value.as_array()) erase(item);
    } else if (value.is_object()) {
      auto& object = value.as_object();
      if (text_view_in(object, "did") == did_ && text_view_in(object, "$type").ends_with("#mention"))
        return link(object);
      for (auto& [name, part] : object) erase(part);
    }
  }

  bool has_changed = false;

 private:
  [[nodiscard]] bool points_at_them(std::string_view text) const {
    return text == did_ ||
           (text.starts_with(root_) && (text.size() == root_.size() || text[root_.size()] == '/'));
  }

  void link(json::object& feature) {
    feature = {{"$type", "app.bsky.richtext.facet#link"},
               {"uri", fmt::format("https://bsky.app/profile/{}", did_)}};
    has_changed = true;
  }

  std::string_view did_;
  std::string root_;
};

std::string uri_of(const json::object& message) {
  const auto* const commit = message.if_contains("commit");
  if (commit == nullptr || !commit->is_object()) return {};
  const auto& part = commit->as_object();
  return fmt::format("at://{}/{}/{}", text_view_in(message, "did"), text_view_in(part, "collection"),
                     text_view_in(part, "rkey"));
}

}  // namespace

ErasedPayload erase_from_message(std::string_view /*type*/, std::string_view payload, std::string_view did) {
  using Change = ErasedPayload::Change;
  if (payload.find(did) == std::string_view::npos) return {};
  boost::system::error_code error;
  auto message = json::parse(json::string_view(payload.data(), payload.size()), error);
  if (error || !message.is_object() || text_view_in(message.as_object(), "did") == did)
    return {Change::blanked, "", ""};
  Eraser eraser(did);
  eraser.erase(message);
  if (!eraser.has_changed) return {};
  return {Change::rewritten, json::serialize(message), uri_of(message.as_object())};
}

}  // namespace linnet::connect::bluesky
