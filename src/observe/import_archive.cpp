#include "observe/import_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/hash.hpp"

namespace linnet::observe {
namespace {

// Hands the posts of an archive to ingest.
class ArchiveSink final : public connect::EventSink {
 public:
  ArchiveSink(Ingest& ingest, InstanceId instance, std::string name)
      : ingest_(ingest), instance_(instance), name_(std::move(name)) {}

  Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) override {
    std::vector<RawEvent> events;
    events.reserve(lines.size());
    for (auto& line : lines) events.push_back({instance_, std::move(line)});
    if (!cursor) return ingest_.submit(std::move(events));
    return ingest_.submit_durably(std::move(events), Cursor{name_, std::move(*cursor)});
  }

 private:
  Ingest& ingest_;
  InstanceId instance_;
  std::string name_;
};

// Archives bear the same names, and those of one account begin alike: how the file begins and ends tells them
// apart. A zip ends with its table of contents, a tar.gz with its checksum.
Result<std::string> name_of_import(InstanceId instance, const std::string& path) {
  constexpr std::uint64_t kPart = 64U << 10U;
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  const auto end = stream.tellg();
  if (!stream || end < 0) return unavailable(fmt::format("{}: cannot be read", path));
  const auto size = static_cast<std::uint64_t>(end);
  Sha256 hash;
  hash.update(fmt::format("{} ", size));
  for (const auto from : {std::uint64_t{0}, size - std::min(size, kPart)}) {
    std::string part(std::min(size, kPart), '\0');
    stream.seekg(static_cast<std::streamoff>(from));
    stream.read(part.data(), static_cast<std::streamsize>(part.size()));
    if (!stream) return unavailable(fmt::format("{}: cannot be read", path));
    hash.update(part);
  }
  return fmt::format("archive {} {}", instance.value(), hash.finish_hex());
}

Result<std::uint64_t> items_taken(store::Database& database, const std::string& name) {
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const auto cursor, load_cursor(*reader, name));
  if (!cursor || *cursor == kImportFinished) return 0;
  return std::strtoull(cursor->c_str(), nullptr, 10);
}

}  // namespace

Result<connect::ArchiveProgress> import_archive(
    store::Database& database, Ingest& ingest, InstanceId instance, const std::string& path,
    const connect::ArchiveOwner& owner, connect::ArchiveOptions options,
    const std::function<void(const connect::ArchiveProgress&)>& on_progress, const std::stop_token& stop) {
  LINNET_TRY(const auto name, name_of_import(instance, path));
  LINNET_TRY(options.skip_items, items_taken(database, name));
  ArchiveSink sink(ingest, instance, name);
  LINNET_TRY(auto progress, connect::import_archive(path, owner, sink, options, on_progress, stop));
  LINNET_CHECK(ingest.submit_durably({}, Cursor{name, std::string(kImportFinished)}));
  LINNET_CHECK(ingest.drain());
  return progress;
}

}  // namespace linnet::observe
