#include "connect/archive/archive_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "connect/archive/archive_reader.hpp"
#include "connect/archive/json_items.hpp"

namespace linnet::connect {
namespace {

constexpr std::size_t kLargestActor = 4U << 20U;

bool is_file(std::string_view path, std::string_view name) {
  return path == name ||
         (path.size() > name.size() && path.ends_with(name) && path[path.size() - name.size() - 1] == '/');
}

// Exports of other networks, by files that only they have.
std::string_view network_of(std::string_view path) {
  if (is_file(path, "data/tweets.js") || is_file(path, "data/tweet.js") ||
      is_file(path, "data/manifest.js") || is_file(path, "Your archive.html")) {
    return "X (Twitter)";
  }
  if (path.ends_with(".car")) return "Bluesky";
  if (is_file(path, "messages/index.json") || is_file(path, "Messages/index.json") ||
      is_file(path, "account/user.json")) {
    return "Discord";
  }
  return {};
}

Error not_supported(const std::string& path, std::string_view network) {
  return invalid(
      fmt::format("{}: an export of {} is not supported yet; Mastodon's archive is", path, network));
}

// Hands items on as events.
class Importer {
 public:
  Importer(const ArchiveOwner& owner, EventSink& sink, const ArchiveOptions& options,
           ArchiveProgress& progress, const std::stop_token& stop)
      : owner_(owner), sink_(sink), options_(options), progress_(progress), stop_(stop) {}

  Status take(std::string_view item) {
    if (stop_.stop_requested()) return Error::of(ErrorKind::cancelled, "stopped");
    ++progress_.items;
    if (progress_.items <= options_.skip_items) return {};
    auto event = read_outbox_item(item, owner_);
    if (!event) {
      ++progress_.failed;
      keep_as_it_is(item);
    } else {
      count(*event);
    }
    return lines_.size() >= options_.batch ? flush() : Status();
  }

  Status flush() {
    if (lines_.empty()) return {};
    return sink_.accept(std::exchange(lines_, {}), std::to_string(progress_.items));
  }

 private:
  void count(OutboxEvent& event) {
    switch (event.outcome) {
      case OutboxEvent::Outcome::event:
        ++progress_.events;
        lines_.push_back(std::move(event.line));
        break;
      case OutboxEvent::Outcome::boost_of_other:
        ++progress_.boosts_of_others;
        break;
      case OutboxEvent::Outcome::direct_message:
        ++progress_.direct_messages;
        break;
      case OutboxEvent::Outcome::other_activity:
        ++progress_.others;
        break;
    }
  }

  // With its bytes, unless it may be a message: of what cannot be read only this shows that it is none.
  void keep_as_it_is(std::string_view item) {
    const bool is_for_everyone = item.find("activitystreams#Public") != std::string_view::npos ||
                                 item.find("as:Public") != std::string_view::npos;
    if (!is_for_everyone) return;
    std::string line(item);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    lines_.push_back(std::move(line));
  }

  const ArchiveOwner& owner_;
  EventSink& sink_;
  const ArchiveOptions& options_;
  ArchiveProgress& progress_;
  const std::stop_token& stop_;
  std::vector<std::string> lines_;
};

}  // namespace

Result<ArchiveOwner> inspect_archive(const std::string& path, const ArchiveLimits& limits) {
  if (path.ends_with(".car")) return not_supported(path, "Bluesky");
  LINNET_TRY(auto reader, ArchiveReader::open(path, limits));
  std::optional<ArchiveOwner> owner;
  bool has_outbox = false;
  while (true) {
    LINNET_TRY(const auto entry, reader.next_entry());
    if (!entry) break;
    if (const auto network = network_of(*entry); !network.empty()) return not_supported(path, network);
    if (is_file(*entry, "outbox.json")) has_outbox = true;
    if (is_file(*entry, "actor.json") && !owner) {
      LINNET_TRY(const auto actor, reader.read_all(kLargestActor));
      LINNET_TRY(owner, read_archive_owner(actor));
    }
    if (owner && has_outbox) return *owner;
  }
  return invalid(
      fmt::format("{}: expected a Mastodon account archive, with actor.json and outbox.json in it", path));
}

Result<ArchiveProgress> import_archive(const std::string& path, const ArchiveOwner& owner, EventSink& sink,
                                       const ArchiveOptions& options,
                                       const std::function<void(const ArchiveProgress&)>& on_progress,
                                       const std::stop_token& stop) {
  LINNET_TRY(auto reader, ArchiveReader::open(path, options.limits));
  ArchiveProgress progress;
  progress.packed_bytes = reader.packed_bytes();
  Importer importer(owner, sink, options, progress, stop);
  while (true) {
    LINNET_TRY(const auto entry, reader.next_entry());
    if (!entry) return invalid(fmt::format("{}: there is no outbox.json in it", path));
    if (is_file(*entry, "outbox.json")) break;
  }
  JsonItems items([&](std::string_view item) { return importer.take(item); });
  while (true) {
    LINNET_TRY(const auto piece, reader.read());
    if (piece.empty()) break;
    LINNET_CHECK(items.feed(piece));
    progress.packed_bytes_read = reader.packed_bytes_read();
    if (on_progress) on_progress(progress);
  }
  LINNET_CHECK(importer.flush());
  if (auto whole = items.finish(); !whole)
    return invalid(fmt::format("{}: outbox.json: {}", path, whole.error().message));
  progress.failed += items.too_large();
  if (on_progress) on_progress(progress);
  return progress;
}

}  // namespace linnet::connect
