#include "app/other_processes.hpp"

#include <boost/json.hpp>

#include "base/log.hpp"
#include "observe/applied_notice.hpp"

namespace linnet::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kTryTopic = "sign_ins";
// Names that sign in are no longer (govern/sessions.cpp).
constexpr std::size_t kMostTryBytes = 500;

}  // namespace

Result<std::unique_ptr<OtherProcesses>> OtherProcesses::start(const Parts& parts) {
  std::unique_ptr<OtherProcesses> others(new OtherProcesses(parts));
  if (parts.database.engine() == store::Engine::postgres) LINNET_CHECK(others->listen());
  return others;
}

Status OtherProcesses::listen() {
  LINNET_TRY(batches_, store::NoticeListener::start(parts_.database, observe::kAppliedTopic,
                                                    {.on_notice = [this](auto text) { hear_of_batch(text); },
                                                     .on_missed = [this] { parts_.tag_activity.forget(); }}));
  LINNET_TRY(tries_, store::NoticeListener::start(parts_.database, kTryTopic,
                                                  {.on_notice = [this](auto text) { hear_of_try(text); }}));
  parts_.people.tell_of_tries([this](const govern::SignInTry& tried) { tell_of_try(tried); });
  caretaker_ = std::jthread([this](const std::stop_token& stop) {
    while (parts_.clock.sleep_for(std::chrono::seconds(1), stop)) parts_.ingest.look_after_others();
  });
  return {};
}

void OtherProcesses::hear_of_batch(std::string_view text) {
  const auto batch = observe::from_notice(text, observe::own_voice());
  if (!batch) return;
  if (batch->others_wrote) parts_.tag_activity.forget();  // it does not tell all
  parts_.ingest.heard(*batch);
}

void OtherProcesses::hear_of_try(std::string_view text) {
  try {
    const auto object = json::parse({text.data(), text.size()}).as_object();
    if (std::string_view(object.at("voice").as_string()) == observe::own_voice()) return;
    parts_.people.heard({std::string(object.at("name").as_string()),
                         std::string(object.at("network").as_string()), object.at("was_right").as_bool()});
  } catch (const std::exception&) {
    log::debug("a try to sign in elsewhere is told in a form that is not known");
  }
}

void OtherProcesses::tell_of_try(const govern::SignInTry& tried) {
  if (parts_.leases.processes() < 2 || tried.name.size() + tried.network.size() > kMostTryBytes) return;
  const store::ReadsWithoutWaiting behind_nobody_who_reads;
  auto reader = parts_.database.reader();
  const json::object said{{"voice", observe::own_voice()},
                          {"name", tried.name},
                          {"network", tried.network},
                          {"was_right", tried.was_right}};
  const auto told =
      reader ? store::send_notice(**reader, kTryTopic, json::serialize(said)) : Status(reader.error());
  if (!told) log::warn("other processes: {}", told.error().message);
}

}  // namespace linnet::app
