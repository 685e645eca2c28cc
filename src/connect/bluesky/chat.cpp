#include "connect/bluesky/chat.hpp"

#include <fmt/format.h>

#include <array>

#include "net/rate_limit.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr const char* kPageSize = "100";  // the most that is taken

struct Words {
  std::string_view name;
  ErrorKind kind;
  std::string_view words;
};
// The errors that chat.bsky.convo.* names.
constexpr std::array kWords{
    Words{"MessagesDisabled", ErrorKind::invalid, "they take no messages"},
    Words{"NotFollowedBySender", ErrorKind::invalid, "they take messages only from people whom they follow"},
    Words{"BlockedActor", ErrorKind::invalid, "one of the two accounts blocks the other"},
    Words{"BlockedSubject", ErrorKind::invalid, "one of the two accounts blocks the other"},
    Words{"AccountSuspended", ErrorKind::invalid, "the chat service has suspended one of the two accounts"},
    Words{"RecipientNotFound", ErrorKind::not_found, "there is no such person"},
    Words{"InvalidConvo", ErrorKind::not_found,
          "there is no such conversation, or the account is not in it any more"},
    Words{"ConvoLocked", ErrorKind::invalid, "the conversation is locked: nobody can write to it"},
};

// A PDS says it of an app password, or of tokens by OAuth, in these ways.
bool lacks_right_to_messages(const net::HttpResponse& response, const XrpcError& error) {
  if (error.name == "InvalidToken") return tells_of_scope(error);
  return response.status == 403 && (error.name == "ScopeMissingError" || error.name == "InsufficientScope" ||
                                    error.message.find("Missing required scope") != std::string::npos);
}

}  // namespace

Chat::Chat(Session& session, std::string service_did, bool signed_in_by_oauth)
    : session_(session),
      proxy_(std::move(service_did) + "#bsky_chat"),
      signed_in_by_oauth_(signed_in_by_oauth) {}

Error Chat::error_of(const net::HttpResponse& response) {
  const auto said = read_error(response);
  lacks_right_ = lacks_right_to_messages(response, said);
  if (lacks_right_) {
    return invalid(signed_in_by_oauth_
                       ? "this sign-in does not cover direct messages: sign in again (linnet account add "
                         "bluesky) and allow them"
                       : "this app password does not cover direct messages: make one with «Allow access to "
                         "your direct messages» (Settings, App passwords) and sign in with it");
  }
  for (const auto& [name, kind, words] : kWords) {
    if (said.name == name) return Error::of(kind, std::string(words));
  }
  auto error = xrpc_error(response, "the chat service");
  // Whatever the chat service thinks of the account, its session with the PDS is another matter.
  if (error.kind == ErrorKind::denied) error.kind = ErrorKind::invalid;
  if (said.message.find("could not resolve proxy did") != std::string::npos)
    error.message = error.safe = error.safe + ": is the setting bluesky_chat right?";
  return error;
}

Result<net::HttpResponse> Chat::get(std::string method, net::QueryParameters parameters,
                                    const std::stop_token& stop) {
  Session::Call call;
  call.name = "chat.bsky.convo." + std::move(method);
  call.parameters = std::move(parameters);
  call.proxy = proxy_;
  lacks_right_ = false;
  LINNET_TRY(auto response, session_.call(call, stop));
  if (response.status != 200) return error_of(response);
  return response;
}

Result<net::HttpResponse> Chat::post(std::string method, json::object body, const std::stop_token& stop) {
  Session::Call call;
  call.method = "POST";
  call.name = "chat.bsky.convo." + std::move(method);
  call.body = std::move(body);
  call.proxy = proxy_;
  return session_.call(call, stop);
}

Result<ConvoPage> Chat::convos(const std::string& cursor, const std::stop_token& stop) {
  net::QueryParameters parameters{{"limit", kPageSize}};
  if (!cursor.empty()) parameters.emplace_back("cursor", cursor);
  LINNET_TRY(const auto response, get("listConvos", std::move(parameters), stop));
  return read_convo_page(response.body);
}

Result<ChatConvo> Chat::convo(const std::string& id, const std::stop_token& stop) {
  LINNET_TRY(const auto response, get("getConvo", {{"convoId", id}}, stop));
  return read_convo(response.body);
}

Result<ChatConvo> Chat::convo_with(const std::string& did, const std::stop_token& stop) {
  LINNET_TRY(const auto response, get("getConvoForMembers", {{"members", did}}, stop));
  return read_convo(response.body);
}

Result<ChatAvailability> Chat::availability(const std::string& did, const std::stop_token& stop) {
  LINNET_TRY(const auto response, get("getConvoAvailability", {{"members", did}}, stop));
  return read_availability(response.body);
}

Result<Chat::Messages> Chat::messages(const std::string& convo, const std::string& cursor,
                                      const std::stop_token& stop) {
  net::QueryParameters parameters{{"convoId", convo}, {"limit", kPageSize}};
  if (!cursor.empty()) parameters.emplace_back("cursor", cursor);
  LINNET_TRY(const auto response, get("getMessages", std::move(parameters), stop));
  LINNET_TRY(auto page, read_message_page(response.body));
  const auto date = response.headers.find("Date");
  return Messages{std::move(page), date ? net::parse_http_date(*date) : std::nullopt};
}

Result<net::HttpResponse> Chat::send(const std::string& convo, json::object message,
                                     const std::stop_token& stop) {
  return post("sendMessage", {{"convoId", convo}, {"message", std::move(message)}}, stop);
}

Result<net::HttpResponse> Chat::mark_read(const std::string& convo, const std::stop_token& stop) {
  return post("updateRead", {{"convoId", convo}}, stop);
}

}  // namespace linnet::connect::bluesky
