// Reading the log: each block by the side of its rows, and around what is damaged.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "observe/event_block.hpp"
#include "observe/event_log.hpp"

namespace linnet::observe {
namespace {

// Reads the rows and the blocks of a stretch of the log side by side.
class StretchReader {
 public:
  StretchReader(store::Connection& connection, std::int64_t first, std::int64_t last)
      : connection_(connection), first_(first), last_(last) {}

  Status read(const std::function<Status(const LoggedEvent&)>& on_event) {
    LINNET_TRY(auto* blocks,
               connection_.prepare(
                   "SELECT first_event_id, event_count, codec, payloads, raw_bytes FROM event_blocks "
                   "WHERE first_event_id <= $2 AND first_event_id + event_count > $1 "
                   "AND first_event_id > $1 - 300 ORDER BY first_event_id"));
    blocks->bind(1, first_);
    blocks->bind(2, last_);
    while (true) {
      LINNET_TRY(const bool more, blocks->step());
      if (!more) return {};
      auto status = unpack_block(*blocks, *context_, text_, lines_);
      if (status) status = read_block(blocks->integer(0), on_event);
      if (!status) {
        blocks->reset();
        return status;
      }
    }
  }

 private:
  Status read_block(std::int64_t block, const std::function<Status(const LoggedEvent&)>& on_event) {
    LINNET_TRY(auto* rows,
               connection_.prepare("SELECT id, instance_id, received_at, event_type, process_error "
                                   "FROM event_rows WHERE id >= $1 AND id < $2 ORDER BY id"));
    const auto end = block + static_cast<std::int64_t>(lines_.size());
    rows->bind(1, block);
    rows->bind(2, end);
    auto expected = block;
    while (true) {
      LINNET_TRY(const bool more, rows->step());
      const auto id = more ? rows->integer(0) : end;
      auto status = without_gap(block, expected, id);
      if (!more) return status;
      if (status && id >= first_ && id <= last_)
        status = on_event({EventId(id), InstanceId(rows->integer(1)), rows->instant(2), rows->text(3),
                           rows->text(4), lines_[static_cast<std::size_t>(id - block)]});
      if (!status) {
        rows->reset();
        return status;
      }
      expected = id + 1;
    }
  }

  // What lies outside of the stretch is not what was asked for.
  [[nodiscard]] Status without_gap(std::int64_t block, std::int64_t expected, std::int64_t found) const {
    const bool is_wanted = expected < found && expected <= last_ && found > first_;
    if (!is_wanted) return {};
    return Error::of(ErrorKind::corrupt,
                     fmt::format("event block {}: event {} is missing beside it", block, expected));
  }

  store::Connection& connection_;
  std::int64_t first_;
  std::int64_t last_;
  DecompressContext context_{ZSTD_createDCtx()};
  std::string text_;
  std::vector<std::string_view> lines_;
};

constexpr std::int64_t kStretch = 4'096;  // so that no engine holds the whole log as one result

// Reads what can be read: a stretch that fails is halved until what is damaged stands alone.
class AroundDamage {
 public:
  AroundDamage(store::Connection& connection, const OnEvent& on_event, const OnDamage& on_damage)
      : connection_(connection), on_event_(on_event), on_damage_(on_damage) {}

  Status read(std::int64_t first, std::int64_t last) {
    expected_ = first;
    for (auto begin = first; begin <= last; begin += kStretch)
      LINNET_CHECK(read_stretch(begin, std::min(begin + kStretch - 1, last)));
    note_missing(last + 1);
    return tell();
  }

 private:
  Status read_stretch(std::int64_t first, std::int64_t last) {
    auto status =
        StretchReader(connection_, first, last).read([&](const LoggedEvent& event) { return take(event); });
    if (status) return {};
    if (caller_failed_ || status.error().kind != ErrorKind::corrupt) return status;
    const auto next = std::max(first, expected_);
    if (next > last) return {};
    if (next == last) {
      damaged({EventId(last), EventId(last), status.error().safe});
      expected_ = last + 1;
      return {};
    }
    const auto middle = next + (last - next) / 2;
    LINNET_CHECK(read_stretch(next, middle));
    return read_stretch(middle + 1, last);
  }

  Status take(const LoggedEvent& event) {
    const auto id = event.id.value();
    if (id < expected_) return {};  // given already, before what failed
    note_missing(id);
    auto status = tell();
    if (status) status = on_event_(event);
    caller_failed_ = !status;
    expected_ = id + 1;
    return status;
  }

  void note_missing(std::int64_t next) {
    if (next > expected_) damaged({EventId(expected_), EventId(next - 1), "not in the log"});
    expected_ = std::max(expected_, next);
  }

  // Events side by side are told as one.
  void damaged(LogDamage damage) {
    if (pending_ && pending_->last.value() + 1 == damage.first.value()) {
      pending_->last = damage.last;
    } else {
      if (pending_) found_.push_back(std::move(*pending_));
      pending_ = std::move(damage);
    }
  }

  Status tell() {
    if (pending_) found_.push_back(std::move(*pending_));
    pending_.reset();
    for (const auto& damage : found_) LINNET_CHECK(on_damage_(damage));
    found_.clear();
    return {};
  }

  store::Connection& connection_;
  const OnEvent& on_event_;
  const OnDamage& on_damage_;
  std::int64_t expected_ = 0;
  bool caller_failed_ = false;
  std::optional<LogDamage> pending_;
  std::vector<LogDamage> found_;
};

}  // namespace

Status read_events(store::Connection& connection, EventId first, EventId last, const OnEvent& on_event) {
  for (std::int64_t begin = first.value(); begin <= last.value(); begin += kStretch) {
    const auto end = std::min(begin + kStretch - 1, last.value());
    LINNET_CHECK(StretchReader(connection, begin, end).read(on_event));
  }
  return {};
}

Status read_around_damage(store::Connection& connection, EventId first, EventId last, const OnEvent& on_event,
                          const OnDamage& on_damage) {
  return AroundDamage(connection, on_event, on_damage).read(first.value(), last.value());
}

}  // namespace linnet::observe
