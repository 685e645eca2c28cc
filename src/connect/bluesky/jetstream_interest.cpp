#include "connect/bluesky/jetstream_interest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/hashtag_name.hpp"
#include "base/text.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect::bluesky {
namespace {

constexpr std::string_view kPublic = "public";
constexpr std::string_view kHashtag = "hashtag:";
constexpr std::string_view kAccount = "account:";
constexpr std::size_t kLongestName = 200;

bool is_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kLongestKey && is_valid_utf8(tag) &&
         tag.find_first_of(std::string_view(" \t\r\n#\0", 6)) == std::string_view::npos;
}

}  // namespace

Result<std::string> normalise_stream(std::string_view stream) {
  if (stream == kPublic) return std::string(stream);
  if (stream.starts_with(kHashtag)) {
    auto tag = stream.substr(kHashtag.size());
    if (tag.starts_with('#')) tag.remove_prefix(1);
    if (is_tag(tag)) return fmt::format("{}{}", kHashtag, hashtag_name(tag));
  }
  if (stream.starts_with(kAccount) && is_did(stream.substr(kAccount.size()))) return std::string(stream);
  return invalid(fmt::format("stream: expected public, hashtag:NAME or account:DID, got \"{}\"",
                             to_valid_utf8(truncate_utf8(stream, 100))));
}

Status Interest::add(std::string_view stream) {
  LINNET_TRY(const auto name, normalise_stream(stream));
  if (name == kPublic) {
    everything = true;
  } else if (name.starts_with(kHashtag)) {
    hashtags.insert(name.substr(kHashtag.size()));
  } else {
    dids.insert(name.substr(kAccount.size()));
  }
  if (dids.size() > kMostAccounts)
    return invalid(fmt::format("stream: expected at most {} accounts", kMostAccounts));
  return {};
}

bool Interest::wants(const JetstreamMessage& message) const {
  if (everything || dids.contains(message.did)) return true;
  if (!message.post) return false;
  const auto& tags = message.post->hashtags;
  return std::any_of(tags.begin(), tags.end(), [&](auto tag) { return hashtags.contains(tag); });
}

std::string Interest::name() const {
  std::string name = everything ? std::string(kPublic) : std::string();
  std::size_t left_out = 0;
  const auto add = [&](std::string_view family, const auto& names) {
    for (const auto& one : names) {
      if (name.size() + one.size() > kLongestName) {
        ++left_out;
        continue;
      }
      name += fmt::format("{}{}{}", name.empty() ? "" : ", ", family, one);
    }
  };
  add(kHashtag, hashtags);
  add(kAccount, dids);
  if (left_out > 0) name += fmt::format(" and {} more", left_out);
  return name;
}

std::string options_update(const Interest& interest, std::size_t max_message_bytes) {
  namespace json = boost::json;
  json::array dids;
  if (interest.is_accounts_alone()) {
    for (const auto& did : interest.dids) dids.emplace_back(did);
  }
  const json::object payload{{"wantedCollections", json::array{json::value(kPosts)}},
                             {"wantedDids", std::move(dids)},
                             {"maxMessageSizeBytes", max_message_bytes}};
  return json::serialize(json::object{{"type", "options_update"}, {"payload", payload}});
}

}  // namespace linnet::connect::bluesky
