// Bluesky's chat service. It is asked through the account's own PDS, which vouches for the account
// (atproto.com/specs/xrpc, «service proxying»).
#pragma once

#include <string>

#include "connect/bluesky/chat_answers.hpp"
#include "connect/bluesky/session.hpp"

namespace linnet::connect::bluesky {

inline constexpr const char* kBlueskyChat = "did:web:api.bsky.chat";

// One thread at a time. A `denied` error means that the session is void. That it does not cover messages is
// `invalid`, since the account is as well as before, and `lacks_right` tells it.
class Chat {
 public:
  // The session outlives it. `service_did` is of the chat service; `signed_in_by_oauth` tells what a person
  // can do about a session that does not cover messages.
  Chat(Session& session, std::string service_did, bool signed_in_by_oauth);

  Result<ConvoPage> convos(const std::string& cursor, const std::stop_token& stop);
  // `not_found` where the account is not in it, or no longer.
  Result<ChatConvo> convo(const std::string& id, const std::stop_token& stop);
  // With one person; made where there is none.
  Result<ChatConvo> convo_with(const std::string& did, const std::stop_token& stop);
  Result<ChatAvailability> availability(const std::string& did, const std::stop_token& stop);
  struct Messages {
    MessagePage page;
    std::optional<Instant> server_time;  // of the answer
  };
  // Newest first; an empty cursor begins.
  Result<Messages> messages(const std::string& convo, const std::string& cursor, const std::stop_token& stop);

  // Both change something: the answer as it came, whatever its status.
  Result<net::HttpResponse> send(const std::string& convo, boost::json::object message,
                                 const std::stop_token& stop);
  Result<net::HttpResponse> mark_read(const std::string& convo, const std::stop_token& stop);

  // What an answer that is no success means, in words for the user.
  Error error_of(const net::HttpResponse& response);
  // Whether the last answer that was none was because the sign-in does not cover messages.
  [[nodiscard]] bool lacks_right() const { return lacks_right_; }

 private:
  Result<net::HttpResponse> get(std::string method, net::QueryParameters parameters,
                                const std::stop_token& stop);
  Result<net::HttpResponse> post(std::string method, boost::json::object body, const std::stop_token& stop);

  Session& session_;
  std::string proxy_;
  bool signed_in_by_oauth_;
  bool lacks_right_ = false;
};

}  // namespace linnet::connect::bluesky
