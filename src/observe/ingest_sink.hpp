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
  // `under`: the lease under which it is read; empty: none is asked for.
  IngestSink(Ingest& ingest, InstanceId instance, std::string connector,
             std::optional<store::Fence> under = {})
      : ingest_(ingest), instance_(instance), connector_(std::move(connector)), under_(std::move(under)) {}

  Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) override {
    std::vector<RawEvent> events;
    events.reserve(lines.size());
    for (auto& line : lines) events.push_back({instance_, std::move(line)});
    if (!cursor) return ingest_.submit(std::move(events), {}, under_);
    return ingest_.submit_durably(std::move(events), Cursor{connector_, std::move(*cursor)}, under_);
  }

 private:
  Ingest& ingest_;
  InstanceId instance_;
  std::string connector_;
  const std::optional<store::Fence> under_;
};

}  // namespace linnet::observe
