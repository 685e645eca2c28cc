// Between the queue and the log: reads each line, and lets nothing through that must not be kept.
#pragma once

#include <optional>

#include "base/arena.hpp"
#include "model/visibility.hpp"
#include "observe/ingest.hpp"
#include "observe/own_facts.hpp"

namespace linnet::observe {

// Keeps buffers; one per thread.
class EventSieve {
 public:
  explicit EventSieve(bool keep_followers_only)
      : widest_(keep_followers_only ? model::Reach::addressed : model::Reach::followers) {}

  // The event and, in `line`, what of it is to be logged; nullopt where that is nothing. Text lives in
  // `arena` or in `raw`.
  std::optional<model::Event> read(const RawEvent& raw, Instant now, Arena& arena, std::string_view& line);

 private:
  model::Reach widest_;
  LineReader reader_;
};

}  // namespace linnet::observe
