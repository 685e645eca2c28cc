#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "base/hash.hpp"
#include "connect/event_sink.hpp"
#include "connect/lately_seen.hpp"

namespace linnet::connect {

// Leaves out lines that were handed on lately: of a stream that is read again from before its place, and
// makes the same lines again.
class OnceSink final : public EventSink {
 public:
  // `logged`: hashes of what was handed on before, by whichever process. `inner` outlives it.
  OnceSink(EventSink& inner, const std::vector<std::uint64_t>& logged) : inner_(inner) {
    memory_.with([&](LatelySeen& memory) {
      for (const auto hash : logged) memory.add(hash);
    });
  }

  Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) override {
    return memory_.with([&](LatelySeen& memory) -> Status {
      std::vector<std::uint64_t> hashes;
      std::erase_if(lines, [&](const std::string& line) {
        const auto hash = fast_hash(line);
        if (memory.contains(hash)) return true;
        hashes.push_back(hash);
        return false;
      });
      if (lines.empty() && !cursor) return {};
      LINNET_CHECK(inner_.accept(std::move(lines), std::move(cursor)));
      for (const auto hash : hashes) memory.add(hash);
      return {};
    });
  }

 private:
  EventSink& inner_;
  Guarded<LatelySeen> memory_;  // held while lines are handed on, so that they are known once they are taken
};

}  // namespace linnet::connect
