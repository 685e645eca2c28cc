#include "base/person_name.hpp"

#include <unicode/uidna.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"

namespace linnet {
namespace {

constexpr std::string_view kHostLetters = "abcdefghijklmnopqrstuvwxyz0123456789.-_";

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view without_last_dots(std::string_view host) {
  while (host.ends_with('.')) host = trim(host.substr(0, host.size() - 1));
  return host;
}

// UTS 46; letters that older software writes as two (ß, ς) stay what they are.
const UIDNA* idna() {
  struct Close {
    void operator()(UIDNA* one) const { uidna_close(one); }
  };
  static const std::unique_ptr<UIDNA, Close> the_one = [] {
    UErrorCode status = U_ZERO_ERROR;
    auto* const opened =
        uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
                            UIDNA_NONTRANSITIONAL_TO_UNICODE,
                        &status);
    return std::unique_ptr<UIDNA, Close>(U_SUCCESS(status) ? opened : nullptr);
  }();
  return the_one.get();
}

using Converter = std::int32_t (*)(const UIDNA*, const char*, std::int32_t, char*, std::int32_t, UIDNAInfo*,
                                   UErrorCode*);

// Empty when there is no such form.
std::string converted(Converter convert, std::string_view host) {
  if (idna() == nullptr || host.size() > 1'000) return {};
  std::string out(4 * host.size() + 256, '\0');
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode status = U_ZERO_ERROR;
  const auto length = convert(idna(), host.data(), static_cast<std::int32_t>(host.size()), out.data(),
                              static_cast<std::int32_t>(out.size()), &info, &status);
  if (U_FAILURE(status) || info.errors != 0) return {};
  out.resize(static_cast<std::size_t>(length));
  return out;
}

// "host" and ":3000", which may be empty.
std::pair<std::string_view, std::string_view> split_port(std::string_view host) {
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.front() != '[' &&
                        host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  return has_port ? std::pair(host.substr(0, colon), host.substr(colon))
                  : std::pair(host, std::string_view());
}

// Where the server begins: behind the last «@», also in its full and small forms.
struct At {
  std::size_t place = std::string_view::npos;
  std::size_t size = 0;
};
At last_at(std::string_view name) {
  At last;
  for (const std::string_view sign : {"@", "\uFF20", "\uFE6B"}) {
    const auto place = name.rfind(sign);
    if (place != std::string_view::npos && (last.size == 0 || place > last.place))
      last = {place, sign.size()};
  }
  return last;
}

// The form that stays as it is when it is made again: what can be no address takes more than one step to it.
std::string settled(std::string text, const auto& step) {
  constexpr int kMostSteps = 8;
  for (int i = 0; i < kMostSteps; ++i) {
    auto next = step(std::string_view(text));
    if (next == text) break;
    text = std::move(next);
  }
  return text;
}

}  // namespace

std::string ascii_host(std::string_view host) {
  auto ascii = converted(uidna_nameToASCII_UTF8, host);
  return ascii.find_first_not_of(kHostLetters) == std::string::npos ? ascii : std::string();
}

namespace {

// Of a host beyond ASCII.
std::string folded_host(std::string_view host) {
  const auto [name, port] = split_port(host);
  auto ascii = ascii_host(without_last_dots(name));
  if (ascii.empty()) {
    // With marks in it that nobody sees, as pasted text has them.
    const auto clean = comparable(name);
    ascii = without_last_dots(trim(clean));
    if (auto again = ascii_host(ascii); !again.empty()) ascii = std::move(again);
  }
  return std::string(without_last_dots(ascii)) + std::string(port);
}

// Of a folded host within ASCII: nearly all of them have no port.
std::string ascii_key(std::string_view folded) {
  const auto key = without_last_dots(trim(folded));
  if (key.find(':') == std::string_view::npos) return std::string(key);
  return settled(std::string(key), [](std::string_view one) {
    const auto [name, port] = split_port(without_last_dots(trim(one)));
    return std::string(without_last_dots(name)) + std::string(port);
  });
}

}  // namespace

std::string host_key(std::string_view host) {
  host = trim(host);
  if (is_ascii(host)) return ascii_key(fold_case(host));
  return settled(std::string(host), [](std::string_view one) {
    one = trim(one);
    return is_ascii(one) ? ascii_key(fold_case(one)) : folded_host(one);
  });
}

std::string unicode_host(std::string_view host) {
  const auto [name, port] = split_port(host);
  if (name.find("xn--") == std::string_view::npos) return std::string(host);
  const auto readable = converted(uidna_nameToUnicodeUTF8, name);
  // Only what leads back to the same host is shown in its place.
  return readable.empty() || ascii_host(readable) != name ? std::string(host) : readable + std::string(port);
}

std::string user_form(std::string_view name) {
  auto form = comparable(name);
  std::string_view rest = trim(form);
  while (rest.starts_with('@')) rest = trim(rest.substr(1));
  return std::string(rest);
}

namespace {

std::string folded_address(std::string_view name) {
  auto whole = user_form(name);
  // Nearly all of them, at a fraction of the cost.
  if (is_ascii(name)) {
    const auto server = server_of(whole);
    if (server.empty()) return whole;
    return std::string(local_name_of(whole)) + '@' + ascii_key(server);
  }
  const auto at = last_at(name);
  if (at.size == 0) return whole;
  const auto local = user_form(name.substr(0, at.place));
  if (local.empty()) return folded_address(name.substr(at.place + at.size));
  return local + '@' + host_key(name.substr(at.place + at.size));
}

}  // namespace

std::string user_key(std::string_view name) {
  return is_ascii(name) ? folded_address(name) : settled(std::string(name), folded_address);
}

std::string unicode_address(std::string_view user_key) {
  const auto server = server_of(user_key);
  if (server.empty()) return unicode_host(user_key);
  return std::string(local_name_of(user_key)) + '@' + unicode_host(server);
}

std::string_view server_of(std::string_view user_key) {
  const auto at = user_key.rfind('@');
  return at == std::string_view::npos ? std::string_view() : user_key.substr(at + 1);
}

std::string_view local_name_of(std::string_view user_key) {
  return user_key.substr(0, user_key.rfind('@'));
}

std::string address_key(std::string_view acct, std::string_view host) {
  auto key = user_key(acct);
  if (key.empty() || host.empty() || key.find('@') != std::string::npos) return key;
  return key + '@' + host_key(host);
}

}  // namespace linnet
