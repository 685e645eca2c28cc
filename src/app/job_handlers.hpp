// What each kind of job does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analyze/tag_activity.hpp"
#include "app/acting.hpp"
#include "app/connectors.hpp"
#include "base/clock.hpp"
#include "govern/backup_copies.hpp"
#include "jobs/runner.hpp"
#include "llm/door.hpp"
#include "observe/ingest.hpp"
#include "observe/salience/numbers.hpp"
#include "store/writer.hpp"

namespace linnet::app {

// All outlive the runner.
struct JobParts {
  store::Database& database;
  store::Writer& writer;
  Clock& clock;
  // Why what destroys by the clock is to wait; empty: it need not.
  std::function<Result<std::string>()> doubt_of_clock;
  observe::Ingest& ingest;
  analyze::TagActivity& tag_activity;
  Acting& acting;
  std::function<Connectors*()> connectors;  // null while there are none
  std::string data;                         // the data folder
  std::string uploads;                      // of files that are sent ahead of their action
  const govern::BackupSettings& backups;
  bool redact_on_delete = false;
  std::optional<Duration> keep_posts_unengaged;  // absent: for ever
  llm::LanguageModels* language_models = nullptr;
  salience::Settings salience = {};
};

// Every known kind, with what it does. Its texts are those of the parts.
std::vector<jobs::BoundKind> job_handlers(const JobParts& parts);

}  // namespace linnet::app
