#include "observe/rebuild.hpp"

#include <algorithm>

namespace linnet::observe {
namespace {

Result<Rebuilt> go_on(store::Database& database, store::Writer& writer, const ProjectorOptions& options,
                      const Progress& progress) {
  LINNET_TRY(const auto last, catch_up(database, writer, options, progress));
  LINNET_TRY(auto reader, database.reader());
  Rebuilt rebuilt;
  LINNET_TRY(rebuilt.digest, digest_projections(*reader));
  LINNET_TRY(const auto first, first_logged(*reader));
  rebuilt.events = last.value() - std::max<std::int64_t>(first.value() - 1, 0);
  return rebuilt;
}

}  // namespace

Result<Rebuilt> rebuild(store::Database& database, store::Writer& writer, Ingest& ingest,
                        const ProjectorOptions& options, bool goes_on, const Progress& progress) {
  Rebuilt rebuilt;
  LINNET_CHECK(ingest.while_paused([&]() -> Status {
    if (goes_on) {
      LINNET_TRY(rebuilt, go_on(database, writer, options, progress));
      return {};
    }
    LINNET_TRY(const auto outcome, replay(database, writer, options, progress));
    rebuilt = {outcome.events, outcome.digest};
    return {};
  }));
  return rebuilt;
}

}  // namespace linnet::observe
