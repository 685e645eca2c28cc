#include "connect/bluesky/jetstream_sieve.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/event_line.hpp"

namespace linnet::connect::bluesky {
namespace {

using Kind = JetstreamMessage::Kind;
using Operation = JetstreamMessage::Operation;
using Lines = std::vector<std::string>;

constexpr std::string_view kNetwork = "bluesky";
// Far more than may be on their way to the tables at once.
constexpr std::size_t kMostRecent = 50'000;

constexpr std::size_t kMostTakenDown = 1'000;  // accounts

std::string deletion_line(Instant at, std::string_view uri) {
  return make_event_line(at, "delete", json_quote(uri));
}

}  // namespace

std::string line_of_unreadable(std::string_view frame, Instant now) {
  return make_event_line(now, "update", json_quote(to_valid_utf8(frame)), kNetwork);
}

Result<Lines> JetstreamSieve::sift(const JetstreamMessage& message, std::string_view frame,
                                   const Interest& interest) {
  if (message.kind == Kind::commit) return sift_commit(message, frame, interest);
  if (message.kind == Kind::account) return sift_account(message, frame);
  return message.kind == Kind::identity ? sift_identity(message, frame) : Lines();
}

Result<Lines> JetstreamSieve::sift_identity(const JetstreamMessage& message, std::string_view frame) {
  LINNET_TRY(const bool is_known, had_account(message.did, message.at));
  if (!is_known) return Lines();
  if (!message.handle.empty()) return Lines{make_event_line(message.at, "identity", frame, kNetwork)};
  renamed_.emplace_back(message.did);
  return Lines();
}

Result<Lines> JetstreamSieve::sift_commit(const JetstreamMessage& message, std::string_view frame,
                                          const Interest& interest) {
  if (message.uri.empty() || message.operation == Operation::none) return Lines();
  const bool is_removal = message.operation == Operation::remove;
  bool is_wanted = !is_removal && interest.wants(message);
  // Whoever takes the tag out of a post has edited a post that is kept; and it may be deleted by any author.
  if (!is_wanted && message.operation != Operation::create) {
    LINNET_TRY(is_wanted, had_post(message.uri, message.at));
  }
  if (!is_wanted) return Lines();
  if (is_removal) return Lines{deletion_line(message.at, message.uri)};
  note(message.uri, message.at);
  const bool is_new = message.operation == Operation::create;
  return Lines{make_event_line(message.at, is_new ? "update" : "status.update", frame, kNetwork)};
}

// What the tables say, and what was handed on lately and may not be in them.
Result<Lines> JetstreamSieve::posts_concerned(const JetstreamMessage& message) {
  const auto add = [](Lines& uris, const std::string& uri) {
    if (std::find(uris.begin(), uris.end(), uri) == uris.end()) uris.push_back(uri);
  };
  if (message.is_account_back()) {
    LINNET_TRY(auto uris, known_.taken_down_posts_of(message.did, message.at));
    if (const auto place = taken_down_.find(message.did); place != taken_down_.end()) {
      for (const auto& uri : place->second) add(uris, uri);
    }
    return uris;
  }
  LINNET_TRY(auto uris, known_.posts_of(message.did, message.at));
  if (message.is_account_deleted()) {
    LINNET_TRY(const auto taken_down, known_.taken_down_posts_of(message.did, message.at));
    for (const auto& uri : taken_down) add(uris, uri);
  }
  const auto prefix = fmt::format("at://{}/", message.did);
  for (auto place = recent_.lower_bound(prefix); place != recent_.end() && place->first.starts_with(prefix);
       ++place) {
    if (place->second < message.at) add(uris, place->first);
  }
  return uris;
}

Result<Lines> JetstreamSieve::sift_account(const JetstreamMessage& message, std::string_view frame) {
  const bool is_takedown = message.is_account_taken_down();
  if (!is_takedown && !message.is_account_deleted() && !message.is_account_back()) return Lines();
  LINNET_TRY(const auto uris, posts_concerned(message));
  Lines lines;
  if (uris.empty()) return lines;
  lines.push_back(make_event_line(message.at, "account", frame, kNetwork));
  for (const auto& uri : uris) {
    if (message.is_account_deleted()) {
      lines.push_back(deletion_line(message.at, uri));
    } else {
      lines.push_back(make_event_line(message.at, is_takedown ? "takedown" : "restoration", json_quote(uri)));
    }
  }
  if (is_takedown) {
    if (taken_down_.size() >= kMostTakenDown) taken_down_.erase(taken_down_.begin());
    taken_down_[std::string(message.did)] = uris;
  }
  return lines;
}

Result<bool> JetstreamSieve::had_post(std::string_view uri, Instant at) {
  if (const auto place = recent_.find(uri); place != recent_.end() && place->second <= at) return true;
  LINNET_TRY(const auto since, known_.post_since(uri));
  return since && *since <= at;
}

Result<bool> JetstreamSieve::had_account(std::string_view did, Instant at) {
  const auto prefix = fmt::format("at://{}/", did);
  for (auto place = recent_.lower_bound(prefix); place != recent_.end() && place->first.starts_with(prefix);
       ++place) {
    if (place->second <= at) return true;
  }
  LINNET_TRY(const auto since, known_.account_since(did));
  return since && *since <= at;
}

void JetstreamSieve::note(std::string_view uri, Instant at) {
  const auto [place, is_new] = recent_.try_emplace(std::string(uri), at);
  if (!is_new) {
    place->second = std::min(place->second, at);
    return;
  }
  order_.push_back(place);
  if (order_.size() <= kMostRecent) return;
  recent_.erase(order_.front());
  order_.pop_front();
}

}  // namespace linnet::connect::bluesky
