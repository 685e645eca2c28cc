#include "observe/rewrite_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "observe/event_block.hpp"

namespace linnet::observe {
namespace {

using Rewritten = std::map<std::int64_t, RewrittenEvent>;

class BlockRewriter {
 public:
  explicit BlockRewriter(store::Connection& connection) : connection_(connection) {}

  // Puts the new lines into the blocks that hold them, and what is said of them into their rows.
  Status write(const Rewritten& events) {
    for (auto next = events.begin(); next != events.end();) {
      LINNET_CHECK(read_block_of(next->first));
      const auto end = first_ + static_cast<std::int64_t>(lines_.size());
      std::string left;
      for (auto id = first_; id < end; ++id) {
        const bool is_new = next != events.end() && next->first == id;
        left.append(is_new ? std::string_view(next->second.line)
                           : lines_[static_cast<std::size_t>(id - first_)]);
        left += '\n';
        if (!is_new) continue;
        LINNET_CHECK(write_row(id, next->second));
        ++next;
      }
      LINNET_CHECK(write_block(left));
    }
    return {};
  }

 private:
  Status read_block_of(std::int64_t event) {
    bool is_there = false;
    Status unpacked;
    LINNET_CHECK(store::for_each_row(connection_,
                                     fmt::format("SELECT {} FROM event_blocks WHERE first_event_id <= $1 "
                                                 "ORDER BY first_event_id DESC LIMIT 1",
                                                 kBlockColumns),
                                     {event}, [&](const store::Statement& row) {
                                       is_there = true;
                                       first_ = row.integer(0);
                                       unpacked = unpack_block(row, *unpacking_, text_, lines_);
                                     }));
    LINNET_CHECK(std::move(unpacked));
    const bool holds_it = is_there && event < first_ + static_cast<std::int64_t>(lines_.size());
    if (!holds_it) return Error::of(ErrorKind::corrupt, fmt::format("event {}: in no block", event));
    return {};
  }

  Status write_block(std::string_view lines) {
    std::string packed;
    LINNET_CHECK(pack_block(*packing_, lines, packed));
    return store::run(
        connection_,
        "UPDATE event_blocks SET codec = $2, raw_bytes = $3, payloads = $4 WHERE first_event_id = $1",
        {first_, std::int64_t{kZstdBlock}, static_cast<std::int64_t>(lines.size()), store::Blob{packed}});
  }

  Status write_row(std::int64_t id, const RewrittenEvent& event) {
    return store::run(
        connection_,
        "UPDATE event_rows SET event_type = $2, payload_status_id = $3, process_error = NULL WHERE id = $1",
        {id, std::string_view(event.type),
         event.status_id.empty() ? store::Value() : store::Value(std::string_view(event.status_id))});
  }

  store::Connection& connection_;
  CompressContext packing_{ZSTD_createCCtx()};
  DecompressContext unpacking_{ZSTD_createDCtx()};
  std::int64_t first_ = 0;
  std::string text_;
  std::vector<std::string_view> lines_;
};

}  // namespace

Result<std::int64_t> rewrite_events(
    store::Connection& log_writer, EventId from,
    const std::function<Result<std::optional<RewrittenEvent>>(const LoggedEvent&)>& rewrite) {
  constexpr std::int64_t kStretch = 4'096;
  LINNET_TRY(const auto first, first_logged(log_writer));
  LINNET_TRY(const auto last, last_logged(log_writer));
  if (first.value() == 0) return 0;
  // What is written over does not stay readable in the file (PostgreSQL: until its next vacuum).
  if (log_writer.engine() == store::Engine::sqlite)
    LINNET_CHECK(log_writer.execute("PRAGMA secure_delete = ON"));
  BlockRewriter writer(log_writer);
  std::int64_t changed = 0;
  for (auto begin = std::max(first.value(), from.value()); begin <= last.value(); begin += kStretch) {
    Rewritten rewritten;
    LINNET_TRY(auto transaction, store::Transaction::begin(log_writer));
    LINNET_CHECK(read_events(log_writer, EventId(begin),
                             EventId(std::min(begin + kStretch - 1, last.value())),
                             [&](const LoggedEvent& event) -> Status {
                               LINNET_TRY(auto line, rewrite(event));
                               if (line) rewritten.emplace(event.id.value(), std::move(*line));
                               return {};
                             }));
    LINNET_CHECK(writer.write(rewritten));
    LINNET_CHECK(transaction.commit());
    changed += static_cast<std::int64_t>(rewritten.size());
  }
  return changed;
}

}  // namespace linnet::observe
