// Puts a stream dump through ingest: lines of events, or of statuses.
#pragma once

#include <functional>
#include <string>

#include "observe/ingest.hpp"

namespace linnet::observe {

// Lines from wherever they come: hands out the next one, false at the end.
using NextLine = std::function<Result<bool>(std::string& line)>;

struct ImportProgress {
  std::string name;              // the cursor's; empty: not kept
  std::uint64_t skip_lines = 0;  // taken by an import that was broken off
};

// How far an import of that name came before it was broken off: no lines for none, and once it was finished.
struct LinesTaken {
  std::uint64_t lines = 0;
  std::uint64_t last_hash = 0;  // hash_of_line() of the last of them
};
Result<LinesTaken> lines_taken(store::Connection& connection, const std::string& name);
std::uint64_t hash_of_line(std::string_view line);

// Submits every line but blank ones to `ingest` and waits until the tables hold them. Returns how many were
// read. What was read is saved with the events, so that after a crash the rest can be taken.
Result<std::uint64_t> import_lines(Ingest& ingest, InstanceId instance, const NextLine& next,
                                   std::size_t batch = 1'000, const ImportProgress& progress = {});

}  // namespace linnet::observe
