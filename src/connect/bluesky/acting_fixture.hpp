// For tests: the acting connector of an account on a PDS made of answers, with an app view or without one.
// The same on a real PDS is test/integration/bluesky.sh.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "connect/bluesky/acting_bluesky.hpp"

namespace linnet::connect::bluesky {

inline constexpr const char* kAda = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
inline constexpr const char* kBob = "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb";
inline constexpr const char* kCarol = "did:plc:cccccccccccccccccccccccc";

// Answers by method and the first of its parameters: "com.atproto.repo.describeRepo repo=did:plc:…"; what it
// was not told about it does not know.
class PretendPds final : public net::HttpTransport {
 public:
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token) override {
    requests.push_back(request);
    const auto url = net::parse_url(request.url).value();
    const auto parameters = net::parse_query(url.query);
    auto key = url.path.substr(url.path.rfind('/') + 1);
    for (const auto& [name, value] : parameters) {
      if (name == "limit") continue;
      key += " " + name + "=" + value;
    }
    net::HttpResponse response;
    response.status = 400;
    response.body = R"({"error":"InvalidRequest","message":"not known"})";
    if (const auto found = answers.find(url.host + " " + key); found != answers.end()) return found->second;
    if (const auto found = answers.find(key); found != answers.end()) return found->second;
    if (key == "com.atproto.repo.putRecord") {
      const auto put = boost::json::parse(request.body).as_object();
      const auto part = [&](const char* name) {
        return std::string(std::string_view(put.at(name).as_string()));
      };
      response.status = 200;
      response.body = boost::json::serialize(boost::json::object{
          {"uri", "at://" + part("repo") + "/" + part("collection") + "/" + part("rkey")}, {"cid", "cid"}});
    }
    return response;
  }
  void say(const std::string& key, const boost::json::value& body, int status = 200) {
    net::HttpResponse response;
    response.status = status;
    response.body = boost::json::serialize(body);
    answers[key] = response;
  }
  void say_record(const std::string& repo, const std::string& collection, const std::string& key,
                  const boost::json::object& value) {
    say("com.atproto.repo.getRecord repo=" + repo + " collection=" + collection + " rkey=" + key,
        {{"uri", "at://" + repo + "/" + collection + "/" + key}, {"cid", "cid-" + key}, {"value", value}});
  }
  // The record that was put last.
  boost::json::object put_record() const {
    for (auto request = requests.rbegin(); request != requests.rend(); ++request) {
      if (request->url.find("putRecord") != std::string::npos)
        return boost::json::parse(request->body).at("record").as_object();
    }
    return {};
  }

  std::map<std::string, net::HttpResponse> answers;
  std::vector<net::HttpRequest> requests;
};

class ActingBlueskyTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& [handle, did] :
         {std::pair{"ada.test", kAda}, {"bob.test", kBob}, {"carol.test", kCarol}}) {
      pds_.say(std::string("com.atproto.identity.resolveHandle handle=") + handle, {{"did", did}});
      pds_.say(std::string("com.atproto.repo.describeRepo repo=") + did, {{"did", did}, {"handle", handle}});
    }
    for (const auto* const name : {"like", "repost"}) say_reactions(std::string("app.bsky.feed.") + name, {});
    say_reactions("app.bsky.graph.follow", {});
    pds_.say_record(kBob, "app.bsky.feed.post", "3k1", {{"text", "Hello"}});
    Credentials credentials;
    credentials.token = "token";
    credentials.service = "https://pds.example";
    acting_ = std::make_unique<ActingBluesky>(pds_, budget_, clock_, kAda, credentials, CredentialKeeping());
  }
  void say_reactions(const std::string& collection, const boost::json::array& records) {
    pds_.say(std::string("com.atproto.repo.listRecords repo=") + kAda + " collection=" + collection,
             {{"records", records}});
  }
  Order order(model::ActionType type, model::TargetType about, const std::string& target,
              const std::string& text = {}) {
    Order order;
    order.type = type;
    order.target_type = about;
    order.target_id = target;
    order.idempotency_key = "key";
    order.draft.text = text;
    order.first_tried_at = clock_.now();
    return order;
  }
  Order post(const std::string& text) {
    return order(model::ActionType::publish, model::TargetType::account, kAda, text);
  }
  std::string their_post() const { return std::string("at://") + kBob + "/app.bsky.feed.post/3k1"; }

  SystemClock clock_;
  RequestBudget budget_{clock_};
  PretendPds pds_;
  std::unique_ptr<ActingBluesky> acting_;
};

}  // namespace linnet::connect::bluesky
