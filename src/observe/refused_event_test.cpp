// An event that the tables refuse, beside another process that writes to them.
#include "observe/refused_event.hpp"

#include <atomic>
#include <thread>

#include "observe/event_log.hpp"
#include "observe/ingest_fixture.hpp"
#include "observe/table_updater.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

class RefusedEvent : public IngestFixture {};

INSTANTIATE_TEST_SUITE_P(Engines, RefusedEvent, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

// One process read it to try it again; the other was quicker, and passed it over once more.
TEST_P(RefusedEvent, ItsErrorIsForWhoeverAppliesItToClear) {
  auto running = run();
  ASSERT_TRUE(running.take_all({tagged_post(1, "one"), tagged_post(2, "two"), tagged_post(3, "three")}));
  running.ingest.reset();
  auto log = (*database_)->connect(store::Part::log).value();
  ASSERT_TRUE(note_refused(*log, EventId(3), Error::of(ErrorKind::conflict, "on purpose")));
  const auto move_tables = [&](std::int64_t to) {
    ASSERT_TRUE(running.writer->write(
        [&](store::Connection& connection) { return set_mark(connection, EventId(to)); }));
  };
  move_tables(1);
  TableUpdater updater(*running.database, *running.writer, {});
  ASSERT_TRUE(updater.advance(EventId(1)));  // it knows where the tables are
  move_tables(3);
  const auto step = updater.advance(EventId(3));
  ASSERT_TRUE(step) << step.error().message;
  EXPECT_EQ(step->up_to, EventId(3));
  EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"), 1);
}

// The probe must not clash with the rows of another process, and blame the event for it.
TEST_P(RefusedEvent, TheProbeWaitsForWhoeverHasTheTables) {
  const auto running = run();
  auto other = (*database_)->connect(store::Part::tables).value();
  Status taken = Error::of(ErrorKind::internal, "it did not end");
  std::atomic<bool> is_done{false};
  std::jthread probing;
  {
    auto transaction = store::Transaction::begin(*other);
    ASSERT_TRUE(lock_tables(*other));
    // What the probe brings as well.
    ASSERT_TRUE(other->execute("INSERT INTO hashtags (id, instance_id, name) VALUES (1, 0, 'linnetprobe')"));
    probing = std::jthread([&] {
      taken = tables_take_events(*running.writer);
      is_done = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_FALSE(is_done);
    ASSERT_TRUE(transaction->commit());
  }
  probing.join();
  EXPECT_TRUE(taken) << taken.error().message;
}

}  // namespace
}  // namespace linnet::observe
