// Puts a stream dump through ingest: lines of events, or of statuses.
#pragma once

#include <functional>
#include <string>

#include "observe/ingest.hpp"

namespace linnet::observe {

// Lines from wherever they come: hands out the next one, false at the end.
using NextLine = std::function<Result<bool>(std::string& line)>;

// Submits every line but blank ones to `ingest` and waits until the tables hold them. Returns how many were
// read.
Result<std::uint64_t> import_lines(Ingest& ingest, InstanceId instance, const NextLine& next,
                                   std::size_t batch = 1'000);

}  // namespace linnet::observe
