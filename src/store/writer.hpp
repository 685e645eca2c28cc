// The one writer of the tables: all writes go to it as small functions over a transaction; it groups what is
// waiting into one commit.
#pragma once

#include <functional>
#include <future>
#include <memory>

#include "store/database.hpp"

namespace linnet::store {

// Thread-safe. The destructor finishes what was submitted.
class Writer {
 public:
  using Work = std::function<Status(Connection&)>;

  static Result<std::unique_ptr<Writer>> start(Database& database);
  virtual ~Writer() = default;

  // Runs `work` in the writer's thread inside a transaction; the future is ready once it is committed, on
  // disk. A failing work undoes only itself, not what it is grouped with.
  virtual std::future<Status> submit(Work work) = 0;
  // The same, waiting for the outcome. Not from within a work.
  Status write(Work work) { return submit(std::move(work)).get(); }
  // Like write, but the commit may be lost (never torn, never reordered) by a power cut: for what can be
  // rebuilt from the log. The work gets a transaction of its own.
  virtual Status write_rebuildable(Work work) = 0;
};

}  // namespace linnet::store
