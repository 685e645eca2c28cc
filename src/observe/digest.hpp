// A fingerprint of the projections: equal digests mean equal tables, on either engine.
#pragma once

#include <string>
#include <vector>

#include "store/connection.hpp"

namespace linnet::observe {

struct TableDigest {
  std::string table;
  std::int64_t rows = 0;
};

struct Digest {
  std::string sha256;  // over every projection's rows in key order, 64 hexadecimal digits
  std::vector<TableDigest> tables;
};

// Reads one consistent state. Left out is what is not made from events: row numbers, the moment an instance
// was added, and what follows behind (sentiment, the search index, statistics of domains).
Result<Digest> digest_projections(store::Connection& connection);

}  // namespace linnet::observe
