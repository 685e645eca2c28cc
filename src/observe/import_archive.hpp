// Puts the archive that a network gave its user through ingest.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "connect/archive/archive_import.hpp"
#include "observe/ingest.hpp"

namespace linnet::observe {

// The cursor of an import that came to its end.
inline constexpr std::string_view kImportFinished = "finished";

// Submits all posts of the archive and waits until the tables hold them. An import that was broken off goes
// on after the last item that is on disk, wherever the file lies by then; one that was finished begins again,
// so that what was edited since is seen. What is to be skipped need not be set in `options`.
Result<connect::ArchiveProgress> import_archive(
    store::Database& database, Ingest& ingest, InstanceId instance, const std::string& path,
    const connect::ArchiveOwner& owner, connect::ArchiveOptions options,
    const std::function<void(const connect::ArchiveProgress&)>& on_progress, const std::stop_token& stop);

}  // namespace linnet::observe
