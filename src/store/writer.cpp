#include "store/writer.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"

namespace linnet::store {
namespace {

constexpr std::size_t kQueue = 1'024;
constexpr std::size_t kMostGrouped = 128;
constexpr int kAttempts = 5;

// SQLite's lock goes to whoever asks next: after a long hold others, who ask again every few milliseconds,
// are let in first.
constexpr auto kLongHold = std::chrono::milliseconds(100);
constexpr auto kRest = std::chrono::milliseconds(25);

struct Task {
  Writer::Work work;
  std::promise<Status> done;
  bool rebuildable = false;
};

class WriterThread final : public Writer {
 public:
  explicit WriterThread(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)), thread_([this] { run(); }) {}

  ~WriterThread() override {
    tasks_.close();
    thread_.join();
  }

  std::future<Status> submit(Work work) override { return enqueue({std::move(work), {}, false}); }
  Status write_rebuildable(Work work) override { return enqueue({std::move(work), {}, true}).get(); }

 private:
  std::future<Status> enqueue(Task task) {
    auto future = task.done.get_future();
    tasks_.push(std::move(task));
    return future;
  }

  void run() {
    const ReadsWithoutWaiting whoever_waits_for_the_works;
    std::vector<Task> group;
    while (auto task = tasks_.pop()) {
      while (task) {
        if (task->rebuildable) {
          commit_group(group);
          commit_alone(*task);
        } else {
          group.push_back(std::move(*task));
        }
        if (group.size() >= kMostGrouped) break;
        task = tasks_.try_pop(Duration{0});
      }
      commit_group(group);
    }
  }

  // Without their effects an aborted transaction's works can run again: another transaction was in the way.
  [[nodiscard]] bool may_run_again(const Status& status) {
    return !status && status.error().kind == ErrorKind::unavailable &&
           connection_->engine() == Engine::postgres && connection_->is_alive();
  }

  // Whether the server refused it, rather than the work itself (a file, a budget): then the transaction takes
  // no further word before it is rolled back.
  [[nodiscard]] bool is_hindered(const Status& status) {
    return may_run_again(status) && !connection_->execute("SELECT 1");
  }

  void commit_alone(Task& task) {
    task.done.set_value(in_transaction(false, [&] { return task.work(*connection_); }));
  }

  template <typename Body>
  Status in_transaction(bool durable, Body body) {
    if (!connection_->is_alive()) LINNET_CHECK(connection_->reconnect());
    LINNET_CHECK(connection_->set_durable(durable));
    std::this_thread::sleep_until(rests_until_);
    LINNET_TRY(auto transaction, Transaction::begin(*connection_));
    LINNET_CHECK(take_turn());
    const auto begin = std::chrono::steady_clock::now();
    auto status = body();
    if (status) status = transaction.commit();
    rest_after(begin);
    return status;
  }

  void rest_after(std::chrono::steady_clock::time_point begin) {
    if (connection_->engine() != Engine::sqlite) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - begin >= kLongHold) rests_until_ = now + kRest;
  }

  // SQLite has one writer at a time. PostgreSQL's would take the same rows in each their own order, and wait
  // for each other in a ring: what they all take first puts them in one order.
  Status take_turn() {
    if (connection_->engine() != Engine::postgres) return {};
    return connection_->execute("SELECT pg_advisory_xact_lock(2003985012, hashtext(current_schema()))");
  }

  // Each work in a savepoint of its own, so that a failing one undoes only itself.
  void commit_group(std::vector<Task>& group) {
    if (group.empty()) return;
    std::vector<Status> outcomes(group.size());
    const auto work = [&]() -> Status {
      for (std::size_t i = 0; i < group.size(); ++i) {
        LINNET_CHECK(connection_->execute("SAVEPOINT work"));
        outcomes[i] = group[i].work(*connection_);
        const bool again = is_hindered(outcomes[i]);
        // What went so wrong that the whole transaction is gone (a full disk) is the answer for all.
        if (!outcomes[i] && !connection_->execute("ROLLBACK TO work")) return outcomes[i];
        if (again) return outcomes[i];
        LINNET_CHECK(connection_->execute("RELEASE work"));
      }
      return {};
    };
    auto committed = in_transaction(true, work);
    for (int attempt = 1; attempt < kAttempts && may_run_again(committed); ++attempt) {
      committed = in_transaction(true, work);
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      group[i].done.set_value(committed ? outcomes[i] : committed);
    }
    group.clear();
  }

  std::unique_ptr<Connection> connection_;
  std::chrono::steady_clock::time_point rests_until_{};
  BoundedQueue<Task> tasks_{kQueue};
  std::thread thread_;  // last: it uses the members above
};

}  // namespace

Result<std::unique_ptr<Writer>> Writer::start(Database& database) {
  LINNET_TRY(auto connection, database.connect(Part::tables));
  LINNET_CHECK(connection->hold_up_nobody());
  return std::unique_ptr<Writer>(std::make_unique<WriterThread>(std::move(connection)));
}

}  // namespace linnet::store
