#include "govern/key_guard.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "base/log.hpp"
#include "govern/sealed_secrets.hpp"
#include "store/sealing_key.hpp"

namespace linnet::govern {
namespace {

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// What has to be there for the key to be the same again; empty when it comes from outside.
std::filesystem::path file_needed(const std::filesystem::path& folder) {
  if (is_set("LINNET_KEY")) return {};
  return is_set("LINNET_PASSPHRASE") ? SecretBox::salt_path(folder) : SecretBox::key_path(folder);
}

Result<store::SealingKeys> noted_keys(store::Database& database) {
  LINNET_TRY(auto reader, database.reader());
  return store::sealing_keys(*reader);
}

Error is_being_changed() {
  return Error::of(ErrorKind::conflict,
                   "the key is being changed; where that was broken off, run linnet key rotate again, with "
                   "the same LINNET_NEXT_KEY if there was one");
}

Error is_another_key(std::int64_t secrets) {
  return Error::of(
      ErrorKind::conflict,
      fmt::format("the key is another than the one that {} secrets (sign-ins, messages) in the database "
                  "are sealed with; put the right secret.key, or LINNET_KEY, back. If it is lost for "
                  "good, linnet key new goes on without them",
                  secrets));
}

// The first to note a key wins, where two begin at the same time: `seen` is what this one found there. A
// change of keys that begins in the same moment keeps its note, so that the old key stays refused.
Status note_first(store::Database& database, const SecretBox& key, const std::optional<std::string>& seen) {
  LINNET_TRY(auto connection, database.connect(store::Part::tables));
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection));
  LINNET_TRY(const auto there, store::sealing_keys(*connection));
  if (there.next || (there.current && there.current != seen)) return {};
  LINNET_CHECK(store::note_first_key(*connection, key, there.current));
  return transaction.commit();
}

}  // namespace

Error key_is_missing(const std::filesystem::path& file, std::int64_t secrets) {
  return Error::of(
      ErrorKind::unavailable,
      fmt::format(
          "{} is missing, and {} secrets (sign-ins, messages) in the database are sealed with its key; put "
          "it back from the copy you keep, for example: cp BACKUP/{} {}. If it is lost for good, linnet key "
          "new goes on without them",
          file.string(), secrets, file.filename().string(), file.string()));
}

namespace {

// Nothing where another noted a key in the same moment.
Result<std::optional<SecretBox>> try_secret_box(store::Database& database,
                                                const std::filesystem::path& folder) {
  LINNET_TRY(const auto noted, noted_keys(database));
  std::error_code ignored;
  const auto file = file_needed(folder);
  if (!file.empty() && !std::filesystem::exists(file, ignored)) {
    LINNET_TRY(const auto sealed, count_secrets(database, {}));
    if (sealed.unreadable > 0) return key_is_missing(file, sealed.unreadable);
  }
  LINNET_TRY(const auto box, SecretBox::open(folder));
  if (noted.next) return is_being_changed();
  if (store::is_noted(box, noted.current)) return std::optional(box);
  LINNET_TRY(const auto counts, count_secrets(database, {box}));
  const bool is_strange = counts.unreadable > 0 && (noted.current || counts.readable == 0);
  if (is_strange) return is_another_key(counts.unreadable);
  // What cannot be noted, in a folder that may only be read, does no harm.
  if (const auto done = note_first(database, box, noted.current); !done) {
    log::debug("key: {}", done.error().message);
    return std::optional(box);
  }
  LINNET_TRY(const auto now, noted_keys(database));
  if (now.next) return is_being_changed();
  if (store::is_noted(box, now.current)) return std::optional(box);
  // While nothing is sealed there is nothing to be lost: whoever seals first finds whose key counts.
  if (counts.readable + counts.unreadable == 0) return std::optional<SecretBox>();
  return is_another_key(counts.readable);
}

}  // namespace

Result<SecretBox> open_secret_box(store::Database& database, const std::filesystem::path& folder) {
  constexpr int kKeyTries = 10;
  for (int i = 0; i < kKeyTries; ++i) {
    LINNET_TRY(auto box, try_secret_box(database, folder));
    if (box) return std::move(*box);
  }
  return is_another_key(0);
}

Result<std::int64_t> begin_with_new_key(store::Database& database, store::Writer& writer,
                                        const std::filesystem::path& folder, Instant now) {
  if (open_secret_box(database, folder))
    return Error::of(
        ErrorKind::conflict,
        "the key is there and is the right one; linnet key rotate changes it without losing anything");
  LINNET_TRY(const auto box, SecretBox::open(folder));
  LINNET_TRY(const auto counts, count_secrets(database, {box}));
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE accounts
                               SET credential_state = 'signed_out', credential_error =
                                 'the key was lost: sign in again', updated_at = $1
                               WHERE credentials IS NOT NULL)",
                            {to_micros(now)}));
    return store::note_key(connection, box);
  }));
  return counts.unreadable;
}

}  // namespace linnet::govern
