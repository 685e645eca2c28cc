#pragma once

#include <string>
#include <utility>
#include <vector>

#include "connect/event_sink.hpp"
#include "observe/ingest.hpp"

namespace linnet::observe {

// Hands what a connector saw to ingest; its cursors are kept under the connector's name.
class IngestSink final : public connect::EventSink {
 public:
  IngestSink(Ingest& ingest, InstanceId instance, std::string connector)
      : ingest_(ingest), instance_(instance), connector_(std::move(connector)) {}

  Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) override {
    std::vector<RawEvent> events;
    events.reserve(lines.size());
    for (auto& line : lines) events.push_back({instance_, std::move(line)});
    if (!cursor) return ingest_.submit(std::move(events));
    return ingest_.submit_durably(std::move(events), Cursor{connector_, std::move(*cursor)});
  }

 private:
  Ingest& ingest_;
  InstanceId instance_;
  std::string connector_;
};

}  // namespace linnet::observe
