// The key of the data folder, checked against what the database was sealed with.
#pragma once

#include <filesystem>

#include "base/secret_box.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

// As SecretBox::open, but makes no key where the database holds secrets already: `unavailable` when theirs is
// missing, `conflict` when the one that is there is another, or while keys are changed.
Result<SecretBox> open_secret_box(store::Database& database, const std::filesystem::path& folder);

// For when a key is lost for good: makes one where there is none, and takes it for the database's. What was
// sealed before stays unreadable; accounts have to sign in again. `conflict` when the key is there and right.
// Returns how many secrets are lost.
Result<std::int64_t> begin_with_new_key(store::Database& database, store::Writer& writer,
                                        const std::filesystem::path& folder, Instant now);

// `unavailable`, for people.
Error key_is_missing(const std::filesystem::path& file, std::int64_t secrets);

}  // namespace linnet::govern
