// Where connectors hand what they saw.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace linnet::connect {

// One for each instance and reader. Thread-safe.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Takes events, each a line of JSON without a line feed (see event_line.hpp), waiting while there is no
  // room. With a cursor it returns once both are on disk: what is read again after a crash begins there. An
  // error ends the reader: nothing more will be taken.
  virtual Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) = 0;
};

}  // namespace linnet::connect
