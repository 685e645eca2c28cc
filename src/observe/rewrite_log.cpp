#include "observe/rewrite_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "base/arena.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "observe/event_block.hpp"
#include "observe/log_survey.hpp"
#include "observe/own_facts.hpp"

namespace linnet::observe {
namespace {

using Rewrite = std::function<Result<std::optional<RewrittenEvent>>(const LoggedEvent&)>;

// What an event is to become, and a hash of the line that was read.
struct Planned {
  RewrittenEvent event;
  std::uint64_t read_hash = 0;
};
using Plan = std::map<std::int64_t, Planned>;

class BlockRewriter {
 public:
  BlockRewriter(store::Connection& connection, const Rewrite& rewrite)
      : connection_(connection), rewrite_(rewrite) {}

  // Reads without a lock what has to be changed.
  Result<Plan> plan(EventId first, EventId last) {
    Plan plan;
    const auto take = [&](const LoggedEvent& event) -> Status {
      LINNET_TRY(auto line, rewrite_(event));
      if (line) plan.emplace(event.id.value(), Planned{std::move(*line), fast_hash(event.line)});
      return {};
    };
    // What is damaged cannot be changed, and must not keep what can from it.
    const auto pass_over = [](const LogDamage& damage) -> Status {
      log::warn("event log: {} could not be changed", in_words({&damage, 1}));
      return {};
    };
    LINNET_CHECK(read_around_damage(connection_, first, last, take, pass_over));
    return plan;
  }

  // Puts the new lines into the blocks that hold them, and what is said of them into their rows.
  Status write(Plan& plan) {
    for (auto next = plan.begin(); next != plan.end();) {
      LINNET_TRY(const bool is_there, read_block_of(next->first));
      if (!is_there) {
        ++next;  // it was pruned meanwhile
        continue;
      }
      const auto end = first_ + static_cast<std::int64_t>(lines_.size());
      std::string left;
      for (auto id = first_; id < end; ++id) {
        const auto line = lines_[static_cast<std::size_t>(id - first_)];
        if (next == plan.end() || next->first != id) {
          left.append(line) += '\n';
          continue;
        }
        LINNET_CHECK(plan_again(id, line, next->second));
        LINNET_CHECK(write_row(id, next->second.event));
        left.append(next->second.event.line) += '\n';
        ++next;
      }
      LINNET_CHECK(write_block(left));
    }
    return {};
  }

 private:
  // False when the log begins later by now.
  Result<bool> read_block_of(std::int64_t event) {
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
    if (is_there && event < first_ + static_cast<std::int64_t>(lines_.size())) return true;
    LINNET_TRY(const auto first, first_logged(connection_));
    if (first.value() > event) return false;
    return Error::of(ErrorKind::corrupt, fmt::format("event {}: in no block", event));
  }

  Status plan_again(std::int64_t id, std::string_view line, Planned& planned) {
    if (fast_hash(line) == planned.read_hash) return {};
    return read_events(connection_, EventId(id), EventId(id), [&](const LoggedEvent& event) -> Status {
      LINNET_TRY(auto again, rewrite_(event));
      planned.event =
          again ? std::move(*again)
                : RewrittenEvent{std::string(event.line), std::string(event.type), status_id_of(event)};
      return {};
    });
  }

  static std::string status_id_of(const LoggedEvent& event) {
    Arena arena;
    LineReader reader;
    return std::string(reader.read(event.instance, event.line, event.received_at, arena).status_id);
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
    return store::run(connection_,
                      "UPDATE event_rows SET event_type = $2, payload_status_id = $3, process_error = NULL, "
                      "left_out = NULL WHERE id = $1",
                      {id, std::string_view(event.type), store::text_or_null(event.status_id)});
  }

  store::Connection& connection_;
  const Rewrite& rewrite_;
  CompressContext packing_{ZSTD_createCCtx()};
  DecompressContext unpacking_{ZSTD_createDCtx()};
  std::int64_t first_ = 0;
  std::string text_;
  std::vector<std::string_view> lines_;
};

}  // namespace

void let_others_in() {
  std::this_thread::sleep_for(std::chrono::milliseconds(15));
}

Result<std::int64_t> rewrite_events(store::Connection& log_writer, EventId from, const Rewrite& rewrite) {
  constexpr std::int64_t kStretch = 4'096;
  LINNET_TRY(const auto first, first_logged(log_writer));
  LINNET_TRY(const auto last, last_logged(log_writer));
  if (first.value() == 0) return 0;
  // What is written over does not stay readable in the file (PostgreSQL: until its next vacuum).
  if (log_writer.engine() == store::Engine::sqlite)
    LINNET_CHECK(log_writer.execute("PRAGMA secure_delete = ON"));
  BlockRewriter writer(log_writer, rewrite);
  std::int64_t changed = 0;
  for (auto begin = std::max(first.value(), from.value()); begin <= last.value(); begin += kStretch) {
    const EventId end(std::min(begin + kStretch - 1, last.value()));
    LINNET_TRY(auto plan, writer.plan(EventId(begin), end));
    if (plan.empty()) continue;
    {
      LINNET_TRY(auto transaction, store::Transaction::begin(log_writer));
      LINNET_CHECK(writer.write(plan));
      LINNET_CHECK(transaction.commit());
    }
    changed += static_cast<std::int64_t>(plan.size());
    let_others_in();
  }
  return changed;
}

}  // namespace linnet::observe
