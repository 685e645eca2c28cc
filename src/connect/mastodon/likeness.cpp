#include "connect/mastodon/likeness.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "base/hash.hpp"
#include "base/html_text.hpp"
#include "base/text.hpp"
#include "connect/mastodon/acting_mastodon.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using acting::flag_in;
using acting::ids_of_files;
using acting::list_in;
using model::ActionType;

// What no server changes, whatever it does with white space and forms of letters.
std::string squeezed(std::string_view text) {
  std::string kept;
  for (const char c : to_nfc(text)) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') kept += c;
  }
  return kept;
}

// Mentions are shown without their server.
std::string without_servers(std::string_view text) {
  const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  const auto is_host = [&](char c) { return is_name(c) || c == '.' || c == '-' || c == ':'; };
  std::string shown;
  for (std::size_t i = 0; i < text.size();) {
    shown += text[i];
    if (text[i++] != '@') continue;
    const auto name = i;
    while (i < text.size() && is_name(text[i])) shown += text[i++];
    if (i == name || i >= text.size() || text[i] != '@') continue;
    auto host = i + 1;
    while (host < text.size() && is_host(text[host])) ++host;
    while (host > i + 1 && !is_name(text[host - 1])) --host;
    if (host > i + 1) i = host;
  }
  return shown;
}

std::map<std::string_view, int> pairs_of(std::string_view text) {
  std::map<std::string_view, int> pairs;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) ++pairs[text.substr(i, 2)];
  return pairs;
}

// The share of pairs of neighbouring bytes that both have (Dice's coefficient): 1 for equal ones.
double likeness(std::string_view one, std::string_view other) {
  if (one.size() < 2 || other.size() < 2) return one == other ? 1 : 0;
  const auto of_other = pairs_of(other);
  int shared = 0;
  for (const auto& [pair, times] : pairs_of(one)) {
    const auto found = of_other.find(pair);
    if (found != of_other.end()) shared += std::min(times, found->second);
  }
  return 2.0 * shared / static_cast<double>(one.size() + other.size() - 2);
}

// The mention of the recipient that stands in front of a message.
std::string_view without_address(std::string_view text) {
  text = trim(text);
  if (!text.starts_with('@')) return text;
  const auto end = text.find_first_of(" \n\t");
  return end == std::string_view::npos ? std::string_view() : trim(text.substr(end));
}

bool mentions(const json::object& status, const std::string& id) {
  const auto* const people = status.if_contains("mentions");
  if (people == nullptr || !people->is_array()) return false;
  for (const auto& person : people->as_array()) {
    if (person.is_object() && text_in(person.as_object(), "id") == id) return true;
  }
  return false;
}

bool is_answer(ActionType type) {
  return type == ActionType::comment || type == ActionType::reply;
}

// It goes to the same place.
bool is_in_place(const Order& order, const std::string& recipient, const json::object& status) {
  if (object_in(status, "reblog") != nullptr) return false;
  const bool is_message = text_in(status, "visibility") == "direct";
  if (is_message != (order.type == ActionType::dm_send)) return false;
  if (!recipient.empty() && !mentions(status, recipient)) return false;  // the same words to somebody else
  if (is_answer(order.type)) return text_in(status, "in_reply_to_id") == order.target_id;
  return order.type != ActionType::publish || text_in(status, "in_reply_to_id").empty();
}

std::vector<std::string> titles_of(const json::object& poll) {
  std::vector<std::string> titles;
  for (const auto& option : list_in(poll, "options")) {
    if (option.is_object()) titles.push_back(squeezed(text_in(option.as_object(), "title")));
  }
  return titles;
}

bool has_poll(const Poll& wanted, const json::object& status) {
  const auto* const poll = object_in(status, "poll");
  if (poll == nullptr || flag_in(*poll, "multiple") != wanted.multiple) return false;
  std::vector<std::string> titles;
  for (const auto& option : wanted.options) titles.push_back(squeezed(option));
  return titles_of(*poll) == titles;
}

std::string id_of_quoted(const json::object& quote) {
  if (const auto* const quoted = object_in(quote, "quoted_status")) return text_in(*quoted, "id");
  return text_in(quote, "quoted_status_id");
}

bool has_quote(const std::string& wanted, const json::object& status) {
  const auto* const quote = object_in(status, "quote");
  if (quote == nullptr) return false;
  const auto state = text_in(*quote, "state");
  const auto id = id_of_quoted(*quote);
  return (state == "accepted" && id == wanted) || (state == "pending" && (id.empty() || id == wanted));
}

// The same language, whatever script or region is named besides.
bool is_language(std::string_view wanted, std::string_view found) {
  const auto base = [](std::string_view tag) { return fold_case(tag.substr(0, tag.find_first_of("-_"))); };
  return base(wanted) == base(found);
}

bool has_quote_policy(const std::string& wanted, const json::object& status) {
  const auto* const approval = object_in(status, "quote_approval");
  if (approval == nullptr) return false;
  const auto& automatic = list_in(*approval, "automatic");
  if (wanted == "nobody") return automatic.empty() && list_in(*approval, "manual").empty();
  return std::any_of(automatic.begin(), automatic.end(), [&](const json::value& who) {
    return who.is_string() && std::string_view(who.as_string()) == wanted;
  });
}

void compare_files(const Order& order, const json::object& status, std::vector<std::string>& missing) {
  const auto& shown = list_in(status, "media_attachments");
  if (shown.size() != order.draft.media.size()) {
    missing.emplace_back("the files");
    return;
  }
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto description =
        shown[i].is_object() ? text_in(shown[i].as_object(), "description") : std::string();
    if (squeezed(description) == squeezed(order.draft.media[i].alt_text)) continue;
    missing.emplace_back("a file's description");
    return;
  }
}

std::string hash_of_poll(const json::object& poll) {
  std::string all = flag_in(poll, "multiple") ? "several" : "one";
  for (const auto& title : titles_of(poll)) all += "|" + title;
  return sha256_hex(all);
}

// What an edit was to leave as it was, and did not.
void compare_kept(const Order& order, const json::object& status, std::vector<std::string>& missing) {
  const auto* const kept = object_in(order.told, "kept");
  if (kept == nullptr) return;
  const auto now = what_is_kept(order, status);
  for (const auto& [name, words] :
       {std::pair{"warning", "the content warning"}, std::pair{"language", "the language"},
        std::pair{"sensitive", "that it is sensitive"}, std::pair{"files", "the files"},
        std::pair{"poll", "the poll"}, std::pair{"quote", "the quote"}}) {
    const auto* const before = kept->if_contains(name);
    const auto* const after = now.if_contains(name);
    if (before != nullptr && (after == nullptr || *before != *after)) missing.emplace_back(words);
  }
}

}  // namespace

Same same_text(std::string_view wanted, std::string_view found) {
  const auto one = squeezed(wanted);
  const auto other = squeezed(found);
  if (one == other || squeezed(without_servers(wanted)) == other) return Same::yes;
  const auto folded = comparable(one);
  const auto other_folded = comparable(other);
  if (folded.empty() || other_folded.empty()) return Same::no;
  constexpr double kAlike = 0.5;
  const bool is_part =
      folded.find(other_folded) != std::string::npos || other_folded.find(folded) != std::string::npos;
  return is_part || likeness(folded, other_folded) >= kAlike ? Same::perhaps : Same::no;
}

Same same_post(const Order& order, const std::string& recipient, const json::object& status,
               const std::optional<std::string>& written) {
  if (!is_in_place(order, recipient, status)) return Same::no;
  const auto content = html_to_text(text_in(status, "content"));
  const bool is_message = order.type == ActionType::dm_send;
  const auto compared = [&](std::string_view text) {
    return same_text(order.draft.text, is_message ? without_address(text) : text);
  };
  auto same = compared(content);
  if (same != Same::yes && written) same = std::min(same, compared(*written));
  if (same != Same::yes || !squeezed(order.draft.text).empty()) return same;
  // Without words, the files alone speak.
  return list_in(status, "media_attachments").size() == order.draft.media.size() ? Same::yes : Same::perhaps;
}

std::vector<std::string> missing_of(const Order& order, const json::object& status) {
  std::vector<std::string> missing;
  const auto& draft = order.draft;
  const bool is_edit = order.type == ActionType::edit_post;
  const auto expect = [&](bool is_there, std::string_view what) {
    if (!is_there) missing.emplace_back(what);
  };
  if (!is_edit || !draft.spoiler_text.empty())
    expect(squeezed(text_in(status, "spoiler_text")) == squeezed(draft.spoiler_text), "the content warning");
  if (draft.sensitive) expect(flag_in(status, "sensitive"), "that it is sensitive");
  if (!draft.language.empty())
    expect(is_language(draft.language, text_in(status, "language")), "the language");
  // An answer may have been made narrower than nothing said.
  const auto visibility = draft.visibility.empty() ? text_in(order.told, "visibility") : draft.visibility;
  if (!visibility.empty() && order.type != ActionType::dm_send)
    expect(text_in(status, "visibility") == visibility, "the visibility");
  if (!draft.quote_policy.empty() && text_in(status, "visibility") != "private")
    expect(has_quote_policy(draft.quote_policy, status), "who may quote it");
  if (draft.poll) expect(has_poll(*draft.poll, status), "the poll");
  if (draft.quoted_id) expect(has_quote(*draft.quoted_id, status), "the quote");
  if (!is_edit || !draft.media.empty()) compare_files(order, status, missing);
  if (is_edit) compare_kept(order, status, missing);
  return missing;
}

bool has_pending_quote(const Order& order, const json::object& status) {
  const auto* const quote = order.draft.quoted_id ? object_in(status, "quote") : nullptr;
  return quote != nullptr && text_in(*quote, "state") == "pending";
}

json::object what_is_kept(const Order& edit, const json::object& status) {
  json::object kept;
  const auto& draft = edit.draft;
  if (draft.spoiler_text.empty()) kept["warning"] = sha256_hex(squeezed(text_in(status, "spoiler_text")));
  if (!draft.sensitive) kept["sensitive"] = flag_in(status, "sensitive") || !draft.spoiler_text.empty();
  if (draft.language.empty()) kept["language"] = text_in(status, "language");
  if (draft.media.empty()) kept["files"] = ids_of_files(status);
  const auto* const poll = object_in(status, "poll");
  if (!draft.poll) kept["poll"] = poll == nullptr ? std::string() : hash_of_poll(*poll);
  if (const auto* const quote = object_in(status, "quote")) kept["quote"] = id_of_quoted(*quote);
  return kept;
}

}  // namespace linnet::connect::mastodon
