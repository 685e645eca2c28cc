#include "govern/opt_out_signs.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <re2/re2.h>

#include <array>

#include "base/binary_text.hpp"
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

}  // namespace

bool profile_opts_out(std::string_view profile) {
  static const RE2 sign(R"((?i)(?:^|[^\pL\pN_&/])#(?:nobots?|noindex|noautomation)(?:[^\pL\pN_]|$))");
  return RE2::PartialMatch(profile, sign);
}

// The whole message is looked at: a phrase within a longer one may be about anything, and an opt-out is for
// good.
bool message_opts_out(std::string_view text) {
  static const RE2 whole(
      R"((?:please |hi |hello )*(?:stop|stop it|unsubscribe|unsubscribe me|opt out|optout|opt me out|leave me alone|no more messages)"
      R"(|i (?:want|would like|wish) to (?:opt out|unsubscribe)|take me off (?:your|the) list|remove me from (?:your|the) list)"
      R"(|(?:do not|don't|dont|never|stop) (?:contact(?:ing)?|messag(?:e|ing)|writ(?:e|ing)(?: to)?|dm(?:ing)?) me(?: again| anymore| any more)?))"
      R"((?: please| now| thanks| thank you)*)"
      R"(|(?:bitte )*(?:stopp|abmelden|aufhören|lass mich in ruhe|lassen sie mich in ruhe|nicht mehr schreiben)"
      R"(|schreib(?:e|en sie|t)? mir (?:bitte )?nicht mehr|keine (?:weiteren )?nachrichten mehr)(?: bitte| danke)*)"
      R"(|(?:désabonner|arrête|arrêtez|laissez moi tranquille|laisse moi tranquille|ne m'écri(?:s|vez) plus|ne me contacte[sz]? plus))"
      R"((?: s'il vous plaît| svp| merci)*)"
      R"(|(?:por favor )?(?:basta|deja de escribirme|darme de baja|no quiero más mensajes|no me (?:escribas|contactes|contacten|escriban) más))");
  return RE2::FullMatch(plain_words(text), whole);
}

std::string opt_out_fingerprint(std::string_view platform, std::string_view server, std::string_view user_id,
                                std::string_view salt) {
  const auto text = fmt::format("{}:{}{}:{}{}", platform.size(), platform, server.size(), server, user_id);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  HMAC(EVP_sha256(), salt.data(), static_cast<int>(salt.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data(), &length);
  return to_hex({reinterpret_cast<const char*>(hash.data()), length});
}

}  // namespace linnet::govern
