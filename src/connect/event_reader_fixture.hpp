// What a server sends, for the tests of its reader.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "connect/event_reader.hpp"

namespace linnet::connect {

inline const Instant kReadAt = parse_iso8601("2026-08-01T12:00:00Z").value();

inline boost::json::object account_seen() {
  return {{"id", "7"},
          {"username", "ada"},
          {"acct", "ada@example.social"},
          {"display_name", "Ada"},
          {"bot", false}};
}

inline boost::json::object status_seen() {
  return {{"id", "117020569296803689"},
          {"created_at", "2026-08-01T11:59:42.878Z"},
          {"content", "<p>Hello</p>"},
          {"spoiler_text", ""},
          {"replies_count", 1},
          {"reblogs_count", 2},
          {"favourites_count", 3},
          {"account", account_seen()},
          {"tags", boost::json::array{boost::json::object{{"name", "Cats"}}}},
          {"mentions", boost::json::array{}},
          {"media_attachments", boost::json::array{}}};
}

inline std::string event_with(boost::json::value payload, std::string_view type = "update") {
  return boost::json::serialize(boost::json::object{
      {"received_at", "2026-08-01T11:00:00.000Z"}, {"event", type}, {"payload", std::move(payload)}});
}

class EventReaderTest : public testing::Test {
 protected:
  model::Event read(std::string_view line) { return reader_.read(line, kReadAt, arena_); }
  model::Event read_status(const boost::json::object& payload) { return read(event_with(payload)); }
  EventReader reader_;
  Arena arena_;
};

}  // namespace linnet::connect
