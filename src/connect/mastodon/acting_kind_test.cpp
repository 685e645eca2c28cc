// What is taken of a server that cannot say, or does not say, which software it runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "connect/mastodon/acting_mastodon.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr const char* kServer = "https://social.example";

// Answers by path; a path that it was not told about it does not have.
class Answers final : public net::HttpTransport {
 public:
  std::map<std::string, net::HttpResponse> answers;
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token /*stop*/) override {
    const auto path = request.url.substr(std::string(kServer).size());
    if (const auto found = answers.find(path); found != answers.end()) return found->second;
    return net::HttpResponse{404, {}, R"({"error":"Record not found"})", request.url};
  }
  void say(const std::string& path, const std::string& body, int status = 200) {
    answers[path] = net::HttpResponse{status, {}, body, kServer + path};
  }
};

// Time passes only while somebody sleeps: after a 503 the budget waits.
class QuickClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  bool sleep_until(Instant deadline, const std::stop_token& stop) override {
    now_ = std::max(now_, deadline);
    return !stop.stop_requested();
  }
  Instant now_ = *parse_iso8601("2026-08-02T00:00:00Z");
};

class ActingKind : public testing::Test {
 protected:
  void SetUp() override {
    server_.say("/api/v2/instance",
                R"({"version":"4.2.1","configuration":{"statuses":{"max_characters":500}}})");
  }
  void say_nodeinfo(const std::string& software) {
    server_.say("/.well-known/nodeinfo",
                std::string(R"({"links":[{"href":")") + kServer + R"(/nodeinfo/2.0"}]})");
    server_.say("/nodeinfo/2.0", R"({"software":{"name":")" + software + R"("}})");
  }
  bool recognises_repeats() {
    EXPECT_TRUE(acting_.limits({}));
    return acting_.capabilities().has_idempotency_key;
  }

  QuickClock clock_;
  RequestBudget budget_{clock_};
  Answers server_;
  ActingMastodon acting_{server_, budget_, clock_, ApiOptions{kServer, "token"}, "1"};
};

TEST_F(ActingKind, OneThatHasNoNodeInfoIsWhatItsVersionSays) {
  EXPECT_TRUE(recognises_repeats());
}

TEST_F(ActingKind, OneWhoseNodeInfoFailsIsNotTakenForMastodon) {
  server_.say("/.well-known/nodeinfo", "oops", 503);
  EXPECT_FALSE(recognises_repeats());
  EXPECT_EQ(acting_.limits({})->text_unit, PlatformLimits::Unit::characters);
  say_nodeinfo("snac");
  server_.say("/nodeinfo/2.0", "oops", 502);
  clock_.now_ += std::chrono::minutes(6);
  EXPECT_FALSE(recognises_repeats());
  say_nodeinfo("mastodon");
  clock_.now_ += std::chrono::minutes(6);
  EXPECT_TRUE(recognises_repeats()) << "it is asked again before long";
}

TEST_F(ActingKind, WhatWasKnownStaysWhileNodeInfoFails) {
  say_nodeinfo("snac");
  EXPECT_FALSE(recognises_repeats());
  server_.say("/nodeinfo/2.0", "oops", 502);
  clock_.now_ += std::chrono::hours(2);
  EXPECT_FALSE(recognises_repeats());
}

TEST_F(ActingKind, OneThatNamesAnotherInItsVersionNeedsNoNodeInfo) {
  server_.say("/api/v2/instance", R"x({"version":"2.7.2 (compatible; Akkoma 3.15.2)"})x");
  server_.say("/.well-known/nodeinfo", "oops", 503);
  EXPECT_TRUE(recognises_repeats());
  EXPECT_EQ(acting_.limits({})->text_unit, PlatformLimits::Unit::graphemes);
}

}  // namespace
}  // namespace linnet::connect::mastodon
