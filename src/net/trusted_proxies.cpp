#include "net/trusted_proxies.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace linnet::net {
namespace {

using Bytes = std::array<std::uint8_t, 16>;
constexpr std::size_t kV4Offset = 12;
constexpr int kV4Bits = 96;

bool is_v4(const Bytes& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

std::optional<Bytes> parse_address(std::string_view text) {
  const std::string terminated(text);
  Bytes bytes{};
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
  bytes = {};
  bytes[10] = bytes[11] = 0xff;
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + kV4Offset) == 1) return bytes;
  return {};
}

std::string to_text(const Bytes& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_v4(bytes);
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data() + (v4 ? kV4Offset : 0), text.data(), text.size());
  return text.data();
}

// "203.0.113.7", "203.0.113.7:4711", "2001:db8::1", "[2001:db8::1]:4711": what proxies write.
std::optional<Bytes> parse_forwarded(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    return end == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, end - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
  return parse_address(text);
}

bool is_within(const Bytes& address, const Bytes& range, int bits) {
  for (int i = 0; i < bits; ++i) {
    const auto byte = static_cast<std::size_t>(i / 8);
    const auto mask = static_cast<std::uint8_t>(0x80U >> static_cast<unsigned>(i % 8));
    if (((address.at(byte) ^ range.at(byte)) & mask) != 0) return false;
  }
  return true;
}

// Takes the part after the last comma off the end.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return trim(last);
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(std::string_view list) {
  TrustedProxies trusted;
  if (trim(list) == "none") return trusted;
  while (!list.empty()) {
    const auto part = take_last(list);
    if (part.empty()) continue;
    const auto slash = part.find('/');
    const auto address = parse_address(part.substr(0, slash));
    int bits = 128;
    bool is_good = address.has_value();
    if (is_good && slash != std::string_view::npos) {
      const auto digits = part.substr(slash + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      const bool v4 = part.find(':') == std::string_view::npos;
      is_good = error == std::errc() && end == digits.data() + digits.size() && bits >= 0 &&
                bits <= (v4 ? 32 : 128);
      if (v4) bits += kV4Bits;
    }
    if (!is_good)
      return invalid(fmt::format("expected addresses such as 127.0.0.1 or 10.0.0.0/8, got \"{}\"",
                                 truncate_utf8(part, 60)));
    trusted.ranges_.push_back({*address, bits});
  }
  return trusted;
}

bool TrustedProxies::trusts(std::string_view address) const {
  const auto bytes = parse_address(address);
  return bytes && std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
           return is_within(*bytes, range.address, range.bits);
         });
}

Sender sender_of(const HeaderSource& headers, std::string_view peer, const TrustedProxies& trusted) {
  Sender sender{std::string(peer), false, ""};
  if (!trusted.trusts(peer)) return sender;
  // The nearest proxy wrote last.
  const auto protocols = headers.joined("X-Forwarded-Proto");
  std::string_view protocol = protocols;
  sender.is_https = ascii::equal_ignoring_case(take_last(protocol), "https");
  const auto hosts = headers.joined("X-Forwarded-Host");
  std::string_view host = hosts;
  sender.host = take_last(host);
  const auto chain = headers.joined("X-Forwarded-For");
  std::string_view rest = chain;
  while (!rest.empty() && trusted.trusts(sender.address)) {
    const auto address = parse_forwarded(take_last(rest));
    if (!address) break;
    sender.address = to_text(*address);
  }
  return sender;
}

}  // namespace linnet::net
