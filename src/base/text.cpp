#include "base/text.hpp"

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/ascii.hpp"

namespace linnet {
namespace {

void append_code_point(std::string& out, UChar32 c) {
  std::uint8_t bytes[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, c);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

// Without NUL. Every byte is looked at, for that the compiler does sixteen at a time.
bool is_plain_ascii(std::string_view text) {
  unsigned odd = 0;
  for (const char c : text) odd |= c > 0 ? 0U : 1U;
  return odd == 0;
}

// Walks the code points; a broken sequence is reported as a negative value, one call for each maximal broken
// part.
template <typename Visit>
void for_each_code_point(std::string_view text, Visit visit) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  std::int64_t i = 0;
  while (i < length) {
    UChar32 c = 0;
    U8_NEXT(bytes, i, length, c);
    visit(c);
  }
}

constexpr unsigned kFirstSurrogate = 0xD800;
constexpr unsigned kFirstLowSurrogate = 0xDC00;
constexpr unsigned kLastSurrogate = 0xDFFF;

// Of \uXXXX at that place.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return {};
  unsigned unit = 0;
  const auto* const begin = text.data() + at + 2;
  const auto [end, error] = std::from_chars(begin, begin + 4, unit, 16);
  if (error != std::errc() || end != begin + 4) return {};
  return unit;
}

using FormGetter = const icu::Normalizer2* (*)(UErrorCode&);

// `text` goes beyond ASCII: what is within it has one form alone.
std::string in_form(FormGetter get, std::string_view text) {
  const auto valid = to_valid_utf8(text);
  UErrorCode status = U_ZERO_ERROR;
  const auto* const form = get(status);
  std::string out;
  out.reserve(valid.size());
  icu::StringByteSink<std::string> sink(&out);
  if (U_SUCCESS(status))
    form->normalizeUTF8(0, {valid.data(), static_cast<std::int32_t>(valid.size())}, sink, nullptr, status);
  // Only where memory or ICU's data is missing: better compared by its bytes than not at all.
  return U_SUCCESS(status) ? out : valid;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  if (is_plain_ascii(text)) return true;
  bool valid = true;
  for_each_code_point(text, [&](UChar32 c) { valid = valid && c >= 0; });
  return valid;
}

std::string to_valid_utf8(std::string_view text) {
  if (is_plain_ascii(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for_each_code_point(text, [&](UChar32 c) { append_code_point(out, c <= 0 ? 0xFFFD : c); });
  return out;
}

std::string without_half_surrogates(std::string_view json) {
  std::string out(json);
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    if (out[i] != '\\') continue;
    const auto unit = escaped_unit(out, i);
    ++i;
    if (!unit || *unit < kFirstSurrogate || *unit > kLastSurrogate) continue;
    const auto other = escaped_unit(out, i + 5);
    if (*unit < kFirstLowSurrogate && other && *other >= kFirstLowSurrogate && *other <= kLastSurrogate) {
      i += 10;
    } else {
      out.replace(i, 5, "ufffd");
    }
  }
  return out;
}

std::string fold_case(std::string_view text) {
  if (is_plain_ascii(text)) {
    std::string folded(text);
    for (char& c : folded) c = ascii::to_lower(c);
    return folded;
  }
  std::string out;
  out.reserve(text.size());
  for_each_code_point(
      text, [&](UChar32 c) { append_code_point(out, c < 0 ? 0xFFFD : u_foldCase(c, U_FOLD_CASE_DEFAULT)); });
  return out;
}

std::string comparable(std::string_view text) {
  return is_plain_ascii(text) ? fold_case(text) : in_form(icu::Normalizer2::getNFKCCasefoldInstance, text);
}

std::string to_nfc(std::string_view text) {
  return is_plain_ascii(text) ? std::string(text) : in_form(icu::Normalizer2::getNFCInstance, text);
}

std::string to_nfkc(std::string_view text) {
  return is_plain_ascii(text) ? std::string(text) : in_form(icu::Normalizer2::getNFKCInstance, text);
}

std::int64_t count_code_points(std::string_view text) {
  std::int64_t count = 0;
  for_each_code_point(text, [&](UChar32) { ++count; });
  return count;
}

std::int64_t count_graphemes(std::string_view text) {
  // Within ASCII a line break of two characters is the only cluster.
  if (is_plain_ascii(text)) {
    auto count = static_cast<std::int64_t>(text.size());
    for (auto at = text.find("\r\n"); at != std::string_view::npos; at = text.find("\r\n", at + 2)) --count;
    return count;
  }
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  if (U_FAILURE(status)) return count_code_points(text);
  const auto unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  breaks->setText(unicode);
  std::int64_t count = 0;
  while (breaks->next() != icu::BreakIterator::DONE) ++count;
  return count;
}

std::string_view truncate_utf8(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

std::string_view trim(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::int64_t begin = 0;
  std::int64_t end = static_cast<std::int64_t>(text.size());
  while (begin < end) {
    std::int64_t next = begin;
    UChar32 c = 0;
    U8_NEXT(bytes, next, end, c);
    if (c < 0 || !u_isUWhiteSpace(c)) break;
    begin = next;
  }
  while (begin < end) {
    auto previous = static_cast<std::int32_t>(end - begin);
    UChar32 c = 0;
    const auto* from = bytes + begin;
    U8_PREV(from, 0, previous, c);
    if (c < 0 || !u_isUWhiteSpace(c)) break;
    end = begin + previous;
  }
  return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

}  // namespace linnet
