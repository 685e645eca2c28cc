// What a network's answer means for an action: read from a table, from the top.
#include "connect/answer_table.hpp"

#include <gtest/gtest.h>

namespace linnet::connect {
namespace {

bool says_gone(const net::HttpResponse& response) {
  return response.body == "gone";
}

constexpr AnswerMeaning kTable[] = {
    {200, 299, OutcomeKind::done},    {429, 429, OutcomeKind::not_sent},
    {408, 408, OutcomeKind::unknown}, {400, 499, OutcomeKind::refused, says_gone, true},
    {400, 499, OutcomeKind::refused},
};
const Instant kAnsweredAt = parse_iso8601("2026-08-01T12:00:00Z").value();

Outcome outcome(int status, net::Headers headers = {}, std::string body = {}) {
  return meaning_of({status, std::move(headers), std::move(body), {}}, kTable, unavailable("it said so"),
                    kAnsweredAt);
}

TEST(AnswerTable, TheFirstLineThatFitsCounts) {
  EXPECT_EQ(outcome(201).kind, OutcomeKind::done);
  EXPECT_EQ(outcome(201).error.safe, "");
  EXPECT_EQ(outcome(408).kind, OutcomeKind::unknown);
  EXPECT_EQ(outcome(404).kind, OutcomeKind::refused);
  EXPECT_EQ(outcome(404).error.safe, "it said so");
  EXPECT_FALSE(outcome(401).signed_out);
  EXPECT_TRUE(outcome(401, {}, "gone").signed_out);
}

TEST(AnswerTable, WhatNoLineFitsMayHaveBeenDone) {
  EXPECT_EQ(outcome(503).kind, OutcomeKind::unknown);
  EXPECT_EQ(outcome(302).kind, OutcomeKind::unknown);
}

TEST(AnswerTable, GoesAgainWhenTheServerSaysSo) {
  EXPECT_EQ(outcome(429, {{"Retry-After", "90"}}).retry_at, kAnsweredAt + std::chrono::seconds(90));
  EXPECT_EQ(outcome(429, {{"Date", "Sat, 01 Aug 2026 12:00:00 GMT"},
                          {"Retry-After", "Sat, 01 Aug 2026 12:02:00 GMT"}})
                .retry_at,
            kAnsweredAt + std::chrono::minutes(2));
  EXPECT_FALSE(outcome(404, {{"Retry-After", "90"}}).retry_at);
}

TEST(AnswerTable, WithoutAnAnswerOnlyWhatNeverLeftGoesAgain) {
  auto held = Error::of(ErrorKind::denied, "the rules say no");
  held.never_sent = true;
  const auto kept_back = meaning_of(held, kAnsweredAt);
  EXPECT_EQ(kept_back.kind, OutcomeKind::not_sent);
  EXPECT_EQ(kept_back.retry_at, kAnsweredAt);
  EXPECT_FALSE(kept_back.signed_out);
  EXPECT_EQ(meaning_of(unavailable("no answer")).kind, OutcomeKind::unknown);
  EXPECT_TRUE(meaning_of(Error::of(ErrorKind::denied, "the session has ended")).signed_out);
}

}  // namespace
}  // namespace linnet::connect
