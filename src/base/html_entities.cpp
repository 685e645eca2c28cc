#include "base/html_entities.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/ascii.hpp"

namespace linnet {
namespace {

constexpr std::string_view kTable =
#include "base/html_entities.inc"
    ;
constexpr std::size_t kEntities = static_cast<std::size_t>(std::count(kTable.begin(), kTable.end(), '|'));

struct Entity {
  std::uint16_t name_at = 0;
  std::uint8_t name_length = 0;
  std::uint8_t text_length = 0;
  std::uint16_t text_at = 0;
  bool may_lack_semicolon = false;

  [[nodiscard]] constexpr std::string_view name() const { return kTable.substr(name_at, name_length); }
  [[nodiscard]] constexpr std::string_view text() const {
    const auto text = kTable.substr(text_at, text_length);
    return text == "\v" ? "|" : text;  // The table's own separator is written as a vertical tab.
  }
};

constexpr std::array<Entity, kEntities> index_table() {
  std::array<Entity, kEntities> entities;
  std::size_t at = 0;
  for (auto& entity : entities) {
    std::size_t name_end = at;
    while (kTable[name_end] != ' ') ++name_end;
    std::size_t end = name_end + 1;
    while (kTable[end] != '|') ++end;
    entity.may_lack_semicolon = kTable[name_end - 1] == '*';
    entity.name_at = static_cast<std::uint16_t>(at);
    entity.name_length = static_cast<std::uint8_t>(name_end - at - (entity.may_lack_semicolon ? 1U : 0U));
    entity.text_at = static_cast<std::uint16_t>(name_end + 1);
    entity.text_length = static_cast<std::uint8_t>(end - name_end - 1);
    at = end + 1;
  }
  return entities;
}

constexpr auto kIndex = index_table();
static_assert(kTable.size() < 0x10000, "positions in the table are 16 bits wide");
static_assert(std::is_sorted(kIndex.begin(), kIndex.end(),
                             [](const Entity& a, const Entity& b) { return a.name() < b.name(); }));

constexpr std::size_t kLongestName = 31;
constexpr std::size_t kLongestWithoutSemicolon = 6;

// The characters that 0x80 to 0x9F mean in windows-1252, which is what pages that write them mean; 0 where it
// has none.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

const Entity* find_entity(std::string_view name) {
  const auto* found = std::lower_bound(kIndex.begin(), kIndex.end(), name,
                                       [](const Entity& e, std::string_view n) { return e.name() < n; });
  return found != kIndex.end() && found->name() == name ? found : nullptr;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0U | (c >> 6U));
    return byte(0x80U | (c & 0x3FU));
  }
  if (c < 0x10000) {
    byte(0xE0U | (c >> 12U));
  } else {
    byte(0xF0U | (c >> 18U));
    byte(0x80U | ((c >> 12U) & 0x3FU));
  }
  byte(0x80U | ((c >> 6U) & 0x3FU));
  byte(0x80U | (c & 0x3FU));
}

int digit_value(char c, bool hexadecimal) {
  if (ascii::is_digit(c)) return c - '0';
  if (hexadecimal && c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (hexadecimal && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `raw` begins with «&#». How many bytes the reference takes; 0 if it is none.
std::size_t append_numeric(std::string_view raw, std::string& out) {
  std::size_t at = 2;
  const bool hexadecimal = at < raw.size() && (raw[at] == 'x' || raw[at] == 'X');
  if (hexadecimal) ++at;
  const auto digits_at = at;
  std::uint32_t code = 0;
  for (int digit = 0; at < raw.size() && (digit = digit_value(raw[at], hexadecimal)) >= 0; ++at) {
    code = std::min(code * (hexadecimal ? 16U : 10U) + static_cast<std::uint32_t>(digit), 0x110000U);
  }
  if (at == digits_at) return 0;
  if (at < raw.size() && raw[at] == ';') ++at;
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) code = 0xFFFD;
  if (code >= 0x80 && code <= 0x9F && kWindows1252[code - 0x80] != 0) code = kWindows1252[code - 0x80];
  append_utf8(out, code);
  return at;
}

// The five that posts are full of, without a search.
std::size_t append_common(std::string_view raw, std::string& out) {
  const auto is = [raw](std::string_view reference) { return raw.substr(0, reference.size()) == reference; };
  struct Common {
    std::string_view reference;
    char text;
  };
  static constexpr std::array<Common, 5> kCommon = {
      {{"&#39;", '\''}, {"&quot;", '"'}, {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}}};
  for (const auto& common : kCommon) {
    if (!is(common.reference)) continue;
    out += common.text;
    return common.reference.size();
  }
  return 0;
}

std::size_t append_named(std::string_view raw, EntityContext context, std::string& out) {
  std::size_t length = 0;
  while (length + 1 < raw.size() && length < kLongestName && ascii::is_alphanumeric(raw[length + 1]))
    ++length;
  const auto name = raw.substr(1, length);
  if (length + 1 < raw.size() && raw[length + 1] == ';') {
    if (const auto* entity = find_entity(name)) {
      out += entity->text();
      return length + 2;
    }
  }
  for (auto shorter = std::min(length, kLongestWithoutSemicolon); shorter >= 2; --shorter) {
    const auto* entity = find_entity(name.substr(0, shorter));
    if (entity == nullptr || !entity->may_lack_semicolon) continue;
    const char next = shorter + 1 < raw.size() ? raw[shorter + 1] : ' ';
    if (context == EntityContext::attribute && (next == '=' || ascii::is_alphanumeric(next))) return 0;
    out += entity->text();
    return shorter + 1;
  }
  return 0;
}

// `raw` begins with «&».
std::size_t append_reference(std::string_view raw, EntityContext context, std::string& out) {
  if (const auto taken = append_common(raw, out); taken > 0) return taken;
  if (raw.size() < 3) return 0;
  return raw[1] == '#' ? append_numeric(raw, out) : append_named(raw, context, out);
}

}  // namespace

void append_decoded_entities(std::string_view raw, EntityContext context, std::string& out) {
  while (!raw.empty()) {
    const auto* ampersand = static_cast<const char*>(std::memchr(raw.data(), '&', raw.size()));
    if (ampersand == nullptr) break;
    const auto before = static_cast<std::size_t>(ampersand - raw.data());
    out.append(raw.data(), before);
    raw.remove_prefix(before);
    auto taken = append_reference(raw, context, out);
    if (taken == 0) {
      out += '&';
      taken = 1;
    }
    raw.remove_prefix(taken);
  }
  out.append(raw);
}

std::string decode_entities(std::string_view raw, EntityContext context) {
  std::string out;
  out.reserve(raw.size());
  append_decoded_entities(raw, context, out);
  return out;
}

}  // namespace linnet
