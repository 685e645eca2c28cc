#include "connect/mastodon/handed_on.hpp"

#include <gtest/gtest.h>

#include "connect/event_line.hpp"

namespace linnet::connect::mastodon {
namespace {

TEST(HandedOn, IsTheStatusOfAnEventWithItsEdit) {
  const auto posted = make_event_line(from_micros(0), "update", R"({"id":"2","edited_at":null})");
  EXPECT_EQ(status_handed_on("update", posted), std::pair(std::string("2"), std::string()));
  const auto edited = make_event_line(from_micros(0), "status.update",
                                      R"({"id":"2","edited_at":"2026-08-02T00:00:00.000Z"})");
  EXPECT_EQ(status_handed_on("status.update", edited),
            std::pair(std::string("2"), std::string("2026-08-02T00:00:00.000Z")));
}

TEST(HandedOn, IsReadOutOfTheTextThatAStreamSends) {
  const auto posted = make_event_line(from_micros(0), "update", R"("{\"id\":\"2\",\"edited_at\":null}")");
  EXPECT_EQ(status_handed_on("update", posted), std::pair(std::string("2"), std::string()));
  EXPECT_FALSE(status_handed_on("update", make_event_line(from_micros(0), "update", R"("no \"JSON")")));
}

TEST(HandedOn, IsNothingForOtherEventsAndForLinesOfNoUse) {
  EXPECT_FALSE(status_handed_on("delete", make_event_line(from_micros(0), "delete", "\"2\"")));
  EXPECT_FALSE(status_handed_on("update", R"({"event":"update"})"));
  EXPECT_FALSE(
      status_handed_on("update", make_event_line(from_micros(0), "update", R"({"edited_at":null})")));
}

}  // namespace
}  // namespace linnet::connect::mastodon
