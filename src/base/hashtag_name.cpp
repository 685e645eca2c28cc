#include "base/hashtag_name.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace linnet {
namespace {

// Letters that are no base letter with a mark.
std::optional<char> stroked_letter(UChar32 c) {
  switch (c) {
    case 0xF0:   // ð
    case 0x111:  // đ
      return 'd';
    case 0xF8:  // ø
      return 'o';
    case 0x127:  // ħ
      return 'h';
    case 0x131:  // ı
      return 'i';
    case 0x138:  // ĸ
      return 'k';
    case 0x142:  // ł
      return 'l';
    case 0x14B:  // ŋ
      return 'n';
    case 0x167:  // ŧ
      return 't';
    default:
      return {};
  }
}

// Of a folded Latin letter with an accent (Latin-1 and Latin Extended-A).
std::optional<char> base_letter(UChar32 c) {
  constexpr UChar32 kFirst = 0xC0;
  constexpr UChar32 kLast = 0x17F;
  if (c < kFirst || c > kLast) return {};
  if (const auto letter = stroked_letter(c)) return letter;
  UErrorCode status = U_ZERO_ERROR;
  const auto* const decomposed = icu::Normalizer2::getNFDInstance(status);
  icu::UnicodeString parts;
  if (U_FAILURE(status) || !decomposed->getDecomposition(c, parts)) return {};
  const auto first = parts.char32At(0);
  return first >= 'a' && first <= 'z' ? std::optional(static_cast<char>(first)) : std::nullopt;
}

std::string without_accents(const std::string& name) {
  const auto text = icu::UnicodeString::fromUTF8(name);
  icu::UnicodeString plain;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const auto c = text.char32At(i);
    const auto letter = base_letter(c);
    plain.append(letter ? UChar32{static_cast<unsigned char>(*letter)} : c);
  }
  std::string out;
  plain.toUTF8String(out);
  return out;
}

}  // namespace

std::string hashtag_name(std::string_view written) {
  auto text = trim(written);
  // U+FF03 is what a «#» becomes in full width.
  constexpr std::string_view kFullWidth = "\xEF\xBC\x83";
  if (text.starts_with('#')) text.remove_prefix(1);
  if (text.starts_with(kFullWidth)) text.remove_prefix(kFullWidth.size());
  return fold_case(to_nfkc(text));
}

std::vector<std::string> hashtag_names(std::string_view written) {
  std::vector<std::string> names{hashtag_name(written)};
  auto plain = without_accents(names.front());
  if (plain != names.front()) names.push_back(std::move(plain));
  return names;
}

}  // namespace linnet
