// Seals everything anew under another key.
#pragma once

#include "base/secret_box.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

// Every secret in the tables: unsealed with `old`, sealed with `next`. What is sealed with `next` already is
// left as it is, so that it can be run again after it was broken off. `corrupt` when something fits neither
// key: nothing of that step is changed. Returns how many were sealed anew. Not while a daemon runs on the
// database.
Result<std::int64_t> reseal_everything(store::Database& database, store::Writer& writer, const SecretBox& old,
                                       const SecretBox& next, const std::string& actor, Instant now);

// The whole change for a key that stands in a file: a next key, everything anew, then the next takes the
// place of the old. Goes on where it was broken off. `conflict` while a process acts.
Result<std::int64_t> rotate_key_file(store::Database& database, store::Writer& writer,
                                     const std::filesystem::path& folder, const std::string& actor,
                                     Instant now);

}  // namespace linnet::govern
