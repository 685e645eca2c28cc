#include "connect/mastodon/text_links.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/text.hpp"
#include "connect/mastodon/top_level_domains.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::size_t kLongestLink = 4'096;
constexpr std::size_t kLongestLabel = 63;  // of a host: a longer one is no name

bool is_one_of(UChar32 c, std::string_view ascii) {
  return c > 0 && c < 0x80 && ascii.find(static_cast<char>(c)) != std::string_view::npos;
}
bool is_ascii_letter(UChar32 c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ascii_digit(UChar32 c) {
  return c >= '0' && c <= '9';
}
bool is_ascii_alnum(UChar32 c) {
  return is_ascii_letter(c) || is_ascii_digit(c);
}

bool is_directional(UChar32 c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}
bool is_never_taken(UChar32 c) {
  return c < 0 || c == 0xFFFE || c == 0xFEFF || c == 0xFFFF;
}
bool is_space(UChar32 c) {
  return c == 0x180E || u_isUWhiteSpace(c);
}

// What may stand before a link.
bool may_precede(UChar32 c) {
  if (is_directional(c)) return true;
  return !is_ascii_alnum(c) && !is_one_of(c, "@$#") && c != 0xFF20 && c != 0xFF03 && !is_never_taken(c);
}

// A letter of a host, at either end of a label too.
bool is_host_letter(UChar32 c) {
  constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~";
  return c > 0x1F && c != 0x7F && !is_one_of(c, kPunctuation) && !is_directional(c) && !is_never_taken(c) &&
         !is_space(c);
}

bool is_path_letter(UChar32 c) {
  return !u_isUWhiteSpace(c) && !is_one_of(c, "<>()?");
}
bool may_end_path(UChar32 c) {
  return is_path_letter(c) && !is_one_of(c, "!*\"':;=,.$%[]~&|@") && c != 0x300C && c != 0x300D;
}

// twitter-text's own letters of a path: what stands in brackets at the very end of one.
bool is_plain_path_letter(UChar32 c) {
  if (is_ascii_alnum(c) || is_one_of(c, "!*';:=+,.$/%#[]_~&|@")) return true;
  if (c < 0x80) return c == '-';
  const bool is_accented = (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) ||
                           (c >= 0x300 && c <= 0x36F) || (c >= 0x1E00 && c <= 0x1EFF);
  constexpr UChar32 kOthers[] = {0x253, 0x254, 0x256, 0x257, 0x259, 0x25B, 0x263,
                                 0x268, 0x26F, 0x272, 0x289, 0x28B, 0x2BB};
  UErrorCode status = U_ZERO_ERROR;
  return is_accented || std::find(std::begin(kOthers), std::end(kOthers), c) != std::end(kOthers) ||
         u_charType(c) == U_DASH_PUNCTUATION || uscript_getScript(c, &status) == USCRIPT_CYRILLIC;
}

// Letters that a query may hold beyond ASCII: those that an IRI may (RFC 3987) and, as Mastodon has it, all
// of the private planes.
bool is_iri_letter(UChar32 c) {
  const bool is_in_first_plane =
      (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFEF);
  const bool is_in_another = c >= 0x10000 && (c & 0xFFFF) <= 0xFFFD && !(c >= 0xE0000 && c < 0xE1000);
  return is_in_first_plane || is_in_another;
}
bool is_query_letter(UChar32 c) {
  return is_ascii_alnum(c) || is_one_of(c, "!?*'();:&=+$/%#[]-_.,~|@^") || is_iri_letter(c);
}
bool may_end_query(UChar32 c) {
  return is_ascii_alnum(c) || is_one_of(c, "_&=#/-") || is_iri_letter(c);
}

class LinkScanner {
 public:
  explicit LinkScanner(std::string_view text) {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto size = static_cast<std::int64_t>(text.size());
    letters_.reserve(text.size());
    places_.reserve(text.size() + 1);
    for (std::int64_t next = 0; next < size;) {
      places_.push_back(static_cast<std::size_t>(next));
      UChar32 c = 0;
      U8_NEXT(bytes, next, size, c);
      letters_.push_back(c);
    }
    places_.push_back(text.size());
    find_hosts();
  }

  std::vector<TextRange> scan() {
    std::vector<TextRange> links;
    for (std::size_t at = 0; at < letters_.size();) {
      const auto found = match(at);
      if (found.end == kNowhere) {
        ++at;
        continue;
      }
      // What has no scheme is no link, and no link begins within it.
      if (found.is_link) links.push_back({places_[found.begin], places_[found.end]});
      at = found.end;
    }
    return links;
  }

 private:
  struct Match {
    std::size_t begin = 0;
    std::size_t end = kNowhere;
    bool is_link = false;
  };

  [[nodiscard]] UChar32 letter(std::size_t at) const { return at < letters_.size() ? letters_[at] : -1; }

  // For each place where the host that begins there ends. From the back, so that each label is read once.
  void find_hosts() {
    const auto size = letters_.size();
    host_ends_.assign(size + 1, kNowhere);
    std::size_t label_end = size;        // of the label that a place is in
    std::size_t underscore = kNowhere;   // the next one
    std::size_t end_of_name = kNowhere;  // of the top-level name behind that label
    for (std::size_t at = size; at-- > 0;) {
      const auto c = letters_[at];
      const bool is_letter = is_host_letter(c);
      if (!is_letter && c != '_' && c != '-') {
        label_end = at;
        end_of_name = c == '.' ? read_top_level_name(at + 1) : kNowhere;
        continue;
      }
      if (c == '_') underscore = at;
      const bool ends_well = label_end < size && letters_[label_end] == '.' && label_end > at &&
                             is_host_letter(letters_[label_end - 1]);
      if (!is_letter || !ends_well) continue;
      const auto rest = host_ends_[label_end + 1];
      const bool may_be_last = underscore == kNowhere || underscore > label_end;
      host_ends_[at] = rest != kNowhere ? rest : may_be_last ? end_of_name : kNowhere;
    }
  }

  // Where it ends; kNowhere when there is none.
  [[nodiscard]] std::size_t read_top_level_name(std::size_t begin) const {
    auto end = begin;
    std::string ascii;
    for (; is_ascii_letter(letter(end)); ++end) ascii += static_cast<char>(letter(end) | 0x20);
    const auto ends_there = [&](std::size_t at) {
      return !is_ascii_alnum(letter(at)) && !is_one_of(letter(at), "@+-");
    };
    if (!ascii.empty() && ends_there(end) && is_top_level_domain(ascii)) return end;
    if (ascii.empty() && letter(begin) >= 0x80) {
      for (const auto name : international_top_level_domains()) {
        const auto after = begin + static_cast<std::size_t>(count_code_points(name));
        if (after <= letters_.size() && ends_there(after) && is_written(begin, name)) return after;
      }
    }
    return read_punycode(begin);
  }

  [[nodiscard]] bool is_written(std::size_t begin, std::string_view name) const {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(name.data());
    const auto size = static_cast<std::int32_t>(name.size());
    for (std::int32_t next = 0; next < size; ++begin) {
      UChar32 c = 0;
      U8_NEXT(bytes, next, size, c);
      if (u_foldCase(letter(begin), U_FOLD_CASE_DEFAULT) != u_foldCase(c, U_FOLD_CASE_DEFAULT)) return false;
    }
    return true;
  }

  [[nodiscard]] std::size_t read_punycode(std::size_t begin) const {
    if (!reads(begin, "xn--")) return kNowhere;
    auto end = begin + 4;
    while (is_ascii_alnum(letter(end))) ++end;
    return end > begin + 4 ? end : kNowhere;
  }

  // `word` in lower case; the text in any.
  [[nodiscard]] bool reads(std::size_t at, std::string_view word) const {
    for (const char c : word) {
      const auto there = letter(at++);
      if (there != c && (!is_ascii_letter(there) || (there | 0x20) != c)) return false;
    }
    return true;
  }

  // The place behind «https://»; kNowhere where there is no scheme.
  [[nodiscard]] std::size_t read_scheme(std::size_t at) const {
    for (const std::string_view scheme : {"https://", "http://", "dat://", "dweb://", "ipfs://", "ipns://",
                                          "ssb://", "gopher://", "gemini://"}) {
      if (reads(at, scheme)) return at + scheme.size();
    }
    return kNowhere;
  }

  [[nodiscard]] Match match(std::size_t at) const {
    if (may_precede(letters_[at])) {
      if (const auto found = match_link(at + 1); found.end != kNowhere) return found;
    }
    const bool begins_line = at == 0 || letters_[at - 1] == '\n';
    return begins_line ? match_link(at) : Match{};
  }

  [[nodiscard]] Match match_link(std::size_t begin) const {
    if (begin >= letters_.size()) return {};
    const auto behind_scheme = read_scheme(begin);
    const bool has_scheme = behind_scheme != kNowhere && host_ends_[behind_scheme] != kNowhere;
    const auto host = has_scheme ? behind_scheme : begin;
    const auto host_end = host_ends_[host];
    if (host_end == kNowhere) return {};
    const auto end = read_query(read_path(read_port(host_end)));
    const bool is_link = has_scheme && end - begin <= kLongestLink && has_names(host, host_end);
    return {begin, end, is_link};
  }

  // Labels of a length that names have.
  [[nodiscard]] bool has_names(std::size_t begin, std::size_t end) const {
    std::size_t length = 0;
    for (auto at = begin; at < end; ++at) {
      length = letters_[at] == '.' ? 0 : length + 1;
      if (length > kLongestLabel) return false;
    }
    return true;
  }

  [[nodiscard]] std::size_t read_port(std::size_t at) const {
    if (letter(at) != ':' || !is_ascii_digit(letter(at + 1))) return at;
    ++at;
    while (is_ascii_digit(letter(at))) ++at;
    return at;
  }

  template <typename IsLetter>
  [[nodiscard]] std::size_t run_end(std::size_t at, const IsLetter& is_letter) const {
    while (at < letters_.size() && is_letter(letters_[at])) ++at;
    return at;
  }

  // The place behind brackets that close, one pair within another at most; kNowhere where there are none.
  template <typename IsLetter>
  [[nodiscard]] std::size_t read_brackets(std::size_t at, const IsLetter& is_letter) const {
    if (letter(at) != '(') return kNowhere;
    auto end = run_end(at + 1, is_letter);
    if (letter(end) == ')') return end > at + 1 ? end + 1 : kNowhere;
    if (letter(end) != '(') return kNowhere;
    const auto inner = run_end(end + 1, is_letter);
    if (inner == end + 1 || letter(inner) != ')') return kNowhere;
    end = run_end(inner + 1, is_letter);
    return letter(end) == ')' ? end + 1 : kNowhere;
  }

  // As far as it goes, without the punctuation at its end.
  [[nodiscard]] std::size_t read_path(std::size_t at) const {
    if (letter(at) != '/') return at;
    ++at;
    auto good = at;
    while (true) {
      const auto end = run_end(at, is_path_letter);
      for (auto last = end; last > at; --last) {
        if (!may_end_path(letters_[last - 1])) continue;
        good = last;
        break;
      }
      const auto behind = read_brackets(end, is_path_letter);
      if (behind == kNowhere) return good;
      if (read_brackets(end, is_plain_path_letter) == behind) good = behind;
      at = behind;
    }
  }

  [[nodiscard]] std::size_t read_query(std::size_t at) const {
    if (letter(at) != '?') return at;
    for (auto end = run_end(at + 1, is_query_letter); end > at + 1; --end) {
      if (may_end_query(letters_[end - 1])) return end;
    }
    return at;
  }

  std::vector<UChar32> letters_;
  std::vector<std::size_t> places_;  // of each letter, and of the end, in bytes
  std::vector<std::size_t> host_ends_;
};

}  // namespace

std::vector<TextRange> find_links(std::string_view text) {
  // Nearly all texts without one, at a fraction of the cost.
  if (text.find("://") == std::string_view::npos) return {};
  return LinkScanner(text).scan();
}

}  // namespace linnet::connect::mastodon
