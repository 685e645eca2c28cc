// What the blocklist's matcher has to find, found by looking at each entry by itself: the measure of its
// tests and of its benchmark.
#pragma once

#include <re2/re2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/blocklist_matcher.hpp"

namespace linnet::test {

class NaiveBlocklist {
 public:
  explicit NaiveBlocklist(std::vector<govern::BlocklistEntry> entries) : entries_(std::move(entries)) {
    RE2::Options options(RE2::Quiet);
    options.set_case_sensitive(false);
    for (const auto& entry : entries_) {
      const bool is_pattern = entry.match == govern::MatchType::regex;
      patterns_.push_back(is_pattern ? std::make_unique<RE2>(to_nfc(entry.value), options) : nullptr);
    }
  }

  // The places in the list of all that fit.
  [[nodiscard]] std::vector<std::size_t> find_all(const govern::BlockSubject& subject, Instant now) const {
    const auto seen = look_at(subject);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto& entry = entries_[i];
      if (!entry.platform.empty() && entry.platform != subject.platform) continue;
      if (entry.expires_at && *entry.expires_at <= now) continue;
      if (fits(i, seen)) found.push_back(i);
    }
    return found;
  }

 private:
  // By type: what exact entries, those within, and patterns are compared with.
  struct Seen {
    std::vector<std::string> exact[4], within[4], written[4];
  };

  static Seen look_at(const govern::BlockSubject& subject) {
    using govern::EntryType;
    Seen seen;
    const auto put = [&](EntryType type, const std::string& exact, const std::string& within,
                         const std::string& written) {
      const auto at = static_cast<std::size_t>(type);
      seen.exact[at].push_back(exact);
      seen.within[at].push_back(within);
      for (const auto& form : {written, to_nfkc(written)})
        if (!form.empty()) seen.written[at].push_back(form);
    };
    auto names = std::vector{subject.user_name, subject.user_id};
    // Somebody of the server that is dealt with is known by the bare name as well.
    const auto key = govern::user_key(subject.user_name);
    if (!subject.server.empty() && govern::server_of(key) == subject.server)
      names.push_back(key.substr(0, key.size() - subject.server.size() - 1));
    for (const auto& name : names)
      put(EntryType::user, govern::user_key(name), govern::user_form(name),
          name.substr(std::min(name.find_first_not_of('@'), name.size())));
    put(EntryType::post, subject.post_id, subject.post_id, subject.post_id);
    std::vector<std::string> hosts{std::string(govern::server_of(govern::user_key(subject.user_name)))};
    for (const auto& link : subject.links) hosts.push_back(govern::host_of(link));
    for (const auto& host : hosts) put(EntryType::domain, host, host, host);
    for (const auto& text : subject.texts) put(EntryType::keyword, comparable(text), comparable(text), text);
    return seen;
  }

  [[nodiscard]] bool fits(std::size_t number, const Seen& seen) const {
    const auto& entry = entries_[number];
    const auto type = static_cast<std::size_t>(entry.type);
    const auto any = [](const std::vector<std::string>& texts, auto test) {
      return std::any_of(texts.begin(), texts.end(), test);
    };
    if (entry.match == govern::MatchType::regex)
      return any(seen.written[type],
                 [&](const auto& text) { return RE2::PartialMatch(text, *patterns_[number]); });
    if (entry.match == govern::MatchType::contains)
      return any(seen.within[type],
                 [&](const auto& text) { return text.find(entry.value) != std::string::npos; });
    return any(seen.exact[type], [&](const auto& text) {
      switch (entry.type) {
        case govern::EntryType::keyword:
          return has_word(text, entry.value);
        case govern::EntryType::domain:
          return text == entry.value || (text.size() > entry.value.size() && text.ends_with(entry.value) &&
                                         text[text.size() - entry.value.size() - 1] == '.');
        default:
          return text == entry.value;
      }
    });
  }

  static bool has_word(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      if (!ends_in_a_word(text.substr(0, at)) && !begins_with_a_word(text.substr(at + word.size())))
        return true;
    }
    return false;
  }
  static bool ends_in_a_word(std::string_view text) {
    auto at = static_cast<std::int32_t>(text.size());
    UChar32 c = U_SENTINEL;
    if (at > 0) U8_PREV(reinterpret_cast<const std::uint8_t*>(text.data()), 0, at, c);
    return is_of_a_word(c);
  }
  static bool begins_with_a_word(std::string_view text) {
    std::int32_t at = 0;
    UChar32 c = U_SENTINEL;
    const auto length = static_cast<std::int32_t>(text.size());
    if (length > 0) U8_NEXT(reinterpret_cast<const std::uint8_t*>(text.data()), at, length, c);
    return is_of_a_word(c);
  }
  static bool is_of_a_word(UChar32 c) {
    return c >= 0 && (u_isalnum(c) || c == '_' || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0);
  }

  std::vector<govern::BlocklistEntry> entries_;
  std::vector<std::unique_ptr<RE2>> patterns_;
};

}  // namespace linnet::test
