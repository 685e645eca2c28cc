// What the daemon does by the clock: daily summaries, statistics that are counted again now and then, what
// was broken off.
#pragma once

#include "base/clock.hpp"
#include "store/writer.hpp"

namespace linnet::app {

// Not thread-safe.
class Chores {
 public:
  Chores(store::Database& database, store::Writer& writer, Clock& clock)
      : database_(database), writer_(writer), clock_(clock) {}

  // Does what is due; to be called every few seconds.
  Status run_due();

 private:
  Status count_domains(Instant now);
  Status summarise(Instant now);
  Status clean_up(Instant now);
  void finish_erasures(Instant now);

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  Instant hours_counted_at_{}, days_counted_at_{}, summaries_looked_at_{}, cleaned_up_at_{},
      erasures_looked_at_{};
};

}  // namespace linnet::app
