// One `linnet serve` for a data folder: two would read the same streams into one file.
#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace linnet::app {

// Held until it goes, also when the process is killed.
class ServeLock {
 public:
  // `conflict` when another process holds the folder; names the process.
  static Result<ServeLock> take(const std::filesystem::path& folder);
  ~ServeLock();
  ServeLock(ServeLock&& other) noexcept;
  ServeLock& operator=(ServeLock&&) = delete;

 private:
  explicit ServeLock(int file) : file_(file) {}
  int file_;
};

}  // namespace linnet::app
