#include "govern/opt_out_signs.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <re2/re2.h>

#include <array>

#include "base/text.hpp"

namespace linnet::govern {
namespace {

// The message as one line of words: folded case, without mentions in front and marks around.
std::string plain_words(std::string_view text) {
  std::string words = fold_case(text);
  RE2::GlobalReplace(&words, R"(@[\w.\-]+(@[\w.\-]+)?)", " ");
  RE2::GlobalReplace(&words, R"([’'])", "'");
  RE2::GlobalReplace(&words, R"([^\pL\pN']+)", " ");
  return std::string(trim(words));
}

// Said alone, these say it all.
constexpr std::array<std::string_view, 17> kWholeMessages{"stop",
                                                          "stop it",
                                                          "stop please",
                                                          "please stop",
                                                          "unsubscribe",
                                                          "unsubscribe me",
                                                          "opt out",
                                                          "optout",
                                                          "leave me alone",
                                                          "no more messages",
                                                          "abmelden",
                                                          "stopp",
                                                          "bitte nicht mehr schreiben",
                                                          "désabonner",
                                                          "arrêtez",
                                                          "basta",
                                                          "no me escribas más"};

}  // namespace

bool profile_opts_out(std::string_view profile) {
  static const RE2 sign(R"((?i)(?:^|[^\pL\pN_&/])#(?:nobots?|noindex|noautomation)(?:[^\pL\pN_]|$))");
  return RE2::PartialMatch(profile, sign);
}

bool message_opts_out(std::string_view text) {
  const auto words = plain_words(text);
  for (const auto whole : kWholeMessages) {
    if (words == whole) return true;
  }
  static const RE2 phrases(
      R"((?:^| )(?:do not|don't|dont|never|stop) (?:contact(?:ing)?|messag(?:e|ing)|writ(?:e|ing)(?: to)?|dm(?:ing)?) me)"
      R"(|(?:^| )(?:please )?(?:unsubscribe me|opt me out|take me off (?:your|the) list|remove me from (?:your|the) list))"
      R"(|(?:^| )(?:schreib(?:e|en sie|t)? mir (?:bitte )?nicht mehr|keine (?:weiteren )?nachrichten mehr))"
      R"(|(?:^| )(?:ne m'écri(?:s|vez) plus|ne me contacte[sz]? plus))"
      R"(|(?:^| )(?:no me (?:contactes|contacten|escriban|escribas) más|no quiero más mensajes))");
  return RE2::PartialMatch(words, phrases);
}

std::string opt_out_fingerprint(std::string_view platform, std::string_view user_id, std::string_view salt) {
  const auto text = fmt::format("{}:{}{}", platform.size(), platform, user_id);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  HMAC(EVP_sha256(), salt.data(), static_cast<int>(salt.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data(), &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", hash.at(i));
  return hex;
}

}  // namespace linnet::govern
