#include "reflect/upkeep.hpp"

#include <set>

#include "base/log.hpp"
#include "reflect/insights.hpp"
#include "reflect/run_lease.hpp"
#include "reflect/runs.hpp"

namespace linnet::reflect {
namespace {

// At once, so that a run of the layers' own is not held up.
constexpr std::int64_t kMostRemade = 20;

struct ToBeRemade {
  std::string insight, topic, layer, category;
  Instant created_at{};
};

Result<std::vector<ToBeRemade>> to_be_remade(store::Connection& connection) {
  std::vector<ToBeRemade> all;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT i.id, i.topic_key, r.layer_name, i.category, i.created_at FROM insights i
                                      JOIN layer_runs r ON r.id = i.layer_run_id
                                      WHERE i.is_to_be_remade = 1 ORDER BY i.created_at, i.id LIMIT $1)",
      {kMostRemade}, [&](const store::Statement& row) {
        all.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                       std::string(row.text(3)), row.instant(4)});
      }));
  return all;
}

Status is_settled(store::Writer& writer, const std::string& insight) {
  return writer.write([&](store::Connection& connection) {
    return store::run(connection, "UPDATE insights SET is_to_be_remade = 0 WHERE id = $1",
                      {std::string_view(insight)});
  });
}

// What may pass by itself is tried again the next time.
bool is_worth_another_try(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::rate_limited ||
         error.kind == ErrorKind::conflict || error.kind == ErrorKind::cancelled;
}

// True where another stands in its place now.
Result<bool> remake(const LayerParts& parts, const Layer& layer, const ToBeRemade& one,
                    const std::stop_token& stop) {
  const RunOptions options{.asked_by = "linnet",
                           .targets = {one.topic},
                           .as_of = one.created_at,
                           .replaces = one.insight,
                           .only_category = one.category,
                           .goes_on = false,
                           .stop = stop};
  LINNET_TRY(const auto run, run_layer(parts, layer, options));
  LINNET_TRY(auto reader, parts.database.reader());
  LINNET_TRY(const auto targets, targets_of(*reader, run.id));
  for (const auto& target : targets) {
    if (target.state == TargetState::failed) return unavailable("the topic failed; it is tried again");
    if (!target.insight_id.empty()) return true;
  }
  return false;
}

// An insight about a subject of a server was made of those about its topics: they are made again, and the
// next run of the layer tells it anew.
bool can_be_remade(const Layer& layer, const std::string& topic) {
  const auto parsed = salience::parse_topic_key(topic);
  return parsed && enum_name(parsed->category) == layer.target_category;
}

Status remake_all(const LayerParts& parts, const FindLayer& find_layer, const std::stop_token& stop,
                  UpkeepDone& done) {
  std::vector<ToBeRemade> all;
  {
    LINNET_TRY(auto reader, parts.database.reader());
    LINNET_TRY(all, to_be_remade(*reader));
  }
  for (const auto& one : all) {
    if (stop.stop_requested()) return {};
    LINNET_TRY(const auto layer, find_layer(one.layer));
    bool is_remade = false;
    if (layer && can_be_remade(*layer, one.topic)) {
      const auto made = remake(parts, *layer, one, stop);
      if (!made && is_worth_another_try(made.error())) continue;
      if (!made) log::error("insights: {} is not made again: {}", one.insight, to_string(made.error().kind));
      is_remade = made && *made;
    }
    LINNET_CHECK(is_settled(parts.writer, one.insight));
    ++(is_remade ? done.remade : done.not_remade);
  }
  return {};
}

Status fail_cut_off(const LayerParts& parts, UpkeepDone& done) {
  std::set<std::string> layers;
  {
    LINNET_TRY(auto reader, parts.database.reader());
    LINNET_TRY(const auto running, list_runs(*reader, {.status = RunStatus::running, .limit = 1'000}));
    for (const auto& run : running) layers.insert(run.layer_name);
  }
  for (const auto& layer : layers) {
    LINNET_TRY(const auto lease, RunLease::take(parts.database, layer));
    if (!lease) continue;  // somebody works at it
    LINNET_CHECK(parts.writer.write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto cut_off, fail_cut_off_runs(connection, layer, "", parts.clock.now()));
      if (cut_off) ++done.failed_runs;
      return {};
    }));
  }
  return {};
}

}  // namespace

Result<UpkeepDone> look_after_insights(const LayerParts& parts, const FindLayer& find_layer, bool may_destroy,
                                       const std::stop_token& stop) {
  UpkeepDone done;
  if (may_destroy) {
    const auto now = parts.clock.now();
    LINNET_CHECK(parts.writer.write([&](store::Connection& connection) -> Status {
      LINNET_TRY(done.expired, remove_expired(connection, now));
      return {};
    }));
  }
  LINNET_CHECK(fail_cut_off(parts, done));
  LINNET_CHECK(remake_all(parts, find_layer, stop, done));
  return done;
}

}  // namespace linnet::reflect
