// Moments as people read them.
#pragma once

#include <string>

#include "base/instant.hpp"

namespace linnet {

// "30 Nov 2026, 18:58 UTC". For tables and sentences alone: what programs read is ISO 8601 (to_iso8601).
std::string in_words(Instant t);

}  // namespace linnet
