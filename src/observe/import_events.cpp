#include "observe/import_events.hpp"

#include <algorithm>

namespace linnet::observe {

Result<std::uint64_t> import_lines(Ingest& ingest, InstanceId instance, const NextLine& next,
                                   std::size_t batch) {
  std::uint64_t read = 0;
  // A batch is also bounded in bytes, so that huge lines do not pile up.
  constexpr std::size_t kBatchBytes = 16U << 20U;
  std::vector<RawEvent> events;
  std::size_t bytes = 0;
  const auto hand_in = [&]() -> Status {
    bytes = 0;
    return ingest.submit(std::exchange(events, {}));
  };
  std::string line;
  while (true) {
    LINNET_TRY(const bool has_line, next(line));
    if (!has_line) break;
    const bool is_blank =
        std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    if (is_blank) continue;
    ++read;
    bytes += line.size();
    events.push_back({instance, line});
    if (events.size() >= batch || bytes >= kBatchBytes) LINNET_CHECK(hand_in());
  }
  if (!events.empty()) LINNET_CHECK(hand_in());
  LINNET_CHECK(ingest.drain());
  return read;
}

}  // namespace linnet::observe
