#include "connect/bluesky/record_key.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace linnet::connect::bluesky {
namespace {

constexpr std::string_view kLetters = "234567abcdefghijklmnopqrstuvwxyz";

bool is_key_character(char c) {
  return ascii::is_alphanumeric(c) || std::string_view("._:~-").find(c) != std::string_view::npos;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return ascii::is_alphanumeric(c) || c == '-'; });
}

// Labels of a domain the other way round, and a name of letters and digits (atproto.com/specs/nsid).
bool is_nsid(std::string_view text) {
  if (text.size() > 317 || std::count(text.begin(), text.end(), '.') < 2 || !ascii::is_letter(text.front()))
    return false;
  const auto last_dot = text.rfind('.');
  const auto name = text.substr(last_dot + 1);
  const bool is_name =
      !name.empty() && name.size() <= 63 && ascii::is_letter(name.front()) &&
      std::all_of(name.begin(), name.end(), [](char c) { return ascii::is_alphanumeric(c); });
  auto domain = text.substr(0, last_dot);
  while (is_name) {
    const auto dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
  return false;
}

}  // namespace

std::string make_tid(Instant t, std::uint64_t clock_id) {
  constexpr std::uint64_t kTimeBits = (std::uint64_t{1} << 53U) - 1;
  auto number = ((static_cast<std::uint64_t>(to_micros(t)) & kTimeBits) << 10U) | (clock_id & 1023U);
  std::string tid(13, kLetters.front());
  for (std::size_t i = tid.size(); i-- > 0; number >>= 5U) tid[i] = kLetters[number & 31U];
  return tid;
}

bool is_tid(std::string_view text) {
  return text.size() == 13 &&
         std::string_view("234567abcdefghij").find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(kLetters) == std::string_view::npos;
}

bool is_handle(std::string_view text) {
  if (text.size() > 253 || text.find('.') == std::string_view::npos) return false;
  const auto last = text.substr(text.rfind('.') + 1);
  // «handle.invalid» stands where an account has lost its handle; nobody can have one that ends so.
  if (last.empty() || !ascii::is_letter(last.front()) || last == "invalid") return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::optional<AtUri> parse_at_uri(std::string_view text) {
  constexpr std::string_view kScheme = "at://";
  if (!text.starts_with(kScheme) || text.size() > 8'192) return {};
  text.remove_prefix(kScheme.size());
  const auto first = text.find('/');
  const auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
  if (second == std::string_view::npos) return {};
  AtUri uri{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
            std::string(text.substr(second + 1))};
  const bool is_good = (is_did(uri.repo) || is_handle(uri.repo)) && is_nsid(uri.collection) &&
                       !uri.key.empty() && uri.key.size() <= 512 && uri.key != "." && uri.key != ".." &&
                       std::all_of(uri.key.begin(), uri.key.end(), is_key_character);
  return is_good ? std::optional(std::move(uri)) : std::nullopt;
}

}  // namespace linnet::connect::bluesky
