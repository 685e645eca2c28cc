#include "observe/import_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "connect/event_reader.hpp"
#include "observe/import_archive.hpp"

namespace linnet::observe {

namespace {

bool is_blank(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

}  // namespace

std::uint64_t hash_of_line(std::string_view line) {
  return fast_hash(line);
}

Result<LinesTaken> lines_taken(store::Connection& connection, const std::string& name) {
  LINNET_TRY(const auto cursor, load_cursor(connection, name));
  LinesTaken taken;
  if (!cursor || *cursor == kImportFinished) return taken;
  char* rest = nullptr;
  taken.lines = std::strtoull(cursor->c_str(), &rest, 10);
  taken.last_hash = std::strtoull(rest, nullptr, 10);
  return taken;
}

Result<std::uint64_t> import_lines(Ingest& ingest, InstanceId instance, const NextLine& next,
                                   std::size_t batch, const ImportProgress& progress) {
  // A batch is also bounded in bytes, so that huge lines do not pile up.
  constexpr std::size_t kBatchBytes = 16U << 20U;
  std::uint64_t read = 0;
  std::uint64_t lines = 0;
  std::vector<RawEvent> events;
  std::size_t bytes = 0;
  std::string line;
  const auto cursor_at = [&](std::string position) {
    return progress.name.empty() ? std::optional<Cursor>() : Cursor{progress.name, std::move(position)};
  };
  const auto hand_in = [&]() -> Status {
    bytes = 0;
    return ingest.submit(std::exchange(events, {}),
                         cursor_at(fmt::format("{} {}", lines, hash_of_line(line))));
  };
  while (true) {
    LINNET_TRY(const bool has_line, next(line));
    if (!has_line) break;
    if (++lines <= progress.skip_lines || is_blank(line)) continue;
    ++read;
    // A document over many lines: the first is kept with what is to be done, the others say nothing.
    if (read == 1 && connect::begins_document(line)) {
      log::warn("{}", connect::kOneALine);
      events.push_back({instance, line});
      break;
    }
    bytes += line.size();
    events.push_back({instance, line});
    if (events.size() >= batch || bytes >= kBatchBytes) LINNET_CHECK(hand_in());
  }
  if (!events.empty()) LINNET_CHECK(hand_in());
  if (auto finished = cursor_at(std::string(kImportFinished))) {
    LINNET_CHECK(ingest.submit_durably({}, std::move(finished)));
  }
  LINNET_CHECK(ingest.drain());
  return read;
}

}  // namespace linnet::observe
