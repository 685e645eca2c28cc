#include "base/text.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

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

std::string fold_case(std::string_view text) {
  if (is_plain_ascii(text)) {
    std::string folded(text);
    for (char& c : folded) c = static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
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
