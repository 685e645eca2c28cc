#include "observe/applied_notice.hpp"

#include <boost/json.hpp>

#include "base/secret_box.hpp"
#include "store/notices.hpp"

namespace linnet::observe {
namespace {

namespace json = boost::json;

// As many as wait for the listeners of one process (api/api_server.cpp).
constexpr std::size_t kMostToldChanges = 2'000;
// What stands around the changes takes less than the rest.
constexpr std::size_t kMostChangesBytes = store::kMostNoticeBytes - 400;

std::string change_text(const AppliedChange& change) {
  return json::serialize(json::array{static_cast<std::int64_t>(change.kind), change.instance.value(),
                                     change.post.value(), to_micros(change.created_at),
                                     change.followers_only});
}

std::optional<AppliedChange> read_change(const json::value& value) {
  const auto* const array = value.if_array();
  if (array == nullptr || array->size() != 5) return {};
  const auto kind = array->at(0).to_number<std::int64_t>();
  if (kind < 0 || kind > static_cast<std::int64_t>(AppliedChange::Kind::counts)) return {};
  AppliedChange change;
  change.kind = static_cast<AppliedChange::Kind>(kind);
  change.instance = InstanceId(array->at(1).to_number<std::int64_t>());
  change.post = PostId(std::string(array->at(2).as_string()));
  change.created_at = from_micros(array->at(3).to_number<std::int64_t>());
  change.followers_only = array->at(4).as_bool();
  return change;
}

}  // namespace

const std::string& own_voice() {
  static const std::string voice = [] {
    auto made = make_uuid_v4();
    return made ? std::move(made).value() : std::string();
  }();
  return voice;
}

std::vector<std::string> to_notices(const AppliedBatch& batch, std::string_view voice) {
  std::vector<std::string> notices;
  const auto& changes = batch.changes;
  const std::size_t left_out = changes.size() - std::min(changes.size(), kMostToldChanges);
  auto events = batch.events;
  const auto add = [&](const std::string& list) {
    const json::object head{{"voice", voice},
                            {"first", batch.first.value()},
                            {"last", batch.last.value()},
                            {"events", std::exchange(events, 0)},
                            {"cut", left_out > 0 || batch.took_posts_away || batch.made_anew}};
    auto text = json::serialize(head);
    text.pop_back();
    notices.push_back(text + ",\"changes\":[" + list + "]}");
  };
  std::string list;
  for (std::size_t i = left_out; i < changes.size(); ++i) {
    const auto text = change_text(changes[i]);
    if (!list.empty() && list.size() + 1 + text.size() > kMostChangesBytes) add(std::exchange(list, {}));
    if (text.size() > kMostChangesBytes) continue;  // no id is so long
    if (!list.empty()) list += ',';
    list += text;
  }
  if (!list.empty() || notices.empty()) add(list);
  return notices;
}

std::optional<AppliedBatch> from_notice(std::string_view text, std::string_view own_voice) {
  try {
    const auto object = json::parse({text.data(), text.size()}).as_object();
    if (std::string_view(object.at("voice").as_string()) == own_voice) return {};
    AppliedBatch batch;
    batch.first = EventId(object.at("first").to_number<std::int64_t>());
    batch.last = EventId(object.at("last").to_number<std::int64_t>());
    batch.events = object.at("events").to_number<std::size_t>();
    batch.others_wrote = object.at("cut").as_bool();
    for (const auto& value : object.at("changes").as_array()) {
      if (auto change = read_change(value)) batch.changes.push_back(std::move(*change));
    }
    return batch;
  } catch (const std::exception&) {
    return {};  // of a version that tells it otherwise
  }
}

Status tell_others(store::Connection& connection, const AppliedBatch& batch) {
  if (connection.engine() != store::Engine::postgres || batch.events == 0) return {};
  for (const auto& notice : to_notices(batch, own_voice()))
    LINNET_CHECK(store::send_notice(connection, kAppliedTopic, notice));
  return {};
}

}  // namespace linnet::observe
