// Seals everything anew under another key.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/secret_box.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

struct KeyRotation {
  std::int64_t sealed_anew = 0;
  std::vector<std::string> unreadable;  // what fits no key and stayed as it is, for people
};

// Every secret in the tables: unsealed with `old`, sealed with `next`. What is sealed with `next` already is
// left as it is, so that it can be run again after it was broken off; so is what fits neither key. `corrupt`,
// with nothing changed, when nothing fits. Whoever read the old key before stores nothing any more once it
// has begun (store::refuse_old_key). The caller keeps daemons out: they could do nothing any more.
Result<KeyRotation> reseal_everything(store::Database& database, store::Writer& writer, const SecretBox& old,
                                      const SecretBox& next, const std::string& actor, Instant now);

// The whole change for a key that stands in a file: a next key, everything anew, then the next takes the
// place of the old. Goes on where it was broken off.
Result<KeyRotation> rotate_key_file(store::Database& database, store::Writer& writer,
                                    const std::filesystem::path& folder, const std::string& actor,
                                    Instant now);

}  // namespace linnet::govern
