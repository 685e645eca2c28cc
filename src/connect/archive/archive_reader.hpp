// The entries of a zip or tar archive, one after the other, with limits against archives made to do harm.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "connect/archive/archive_import.hpp"

namespace linnet::connect {

// Not thread-safe.
class ArchiveReader {
 public:
  static Result<ArchiveReader> open(const std::string& path, const ArchiveLimits& limits);
  ArchiveReader(ArchiveReader&&) noexcept;
  ArchiveReader& operator=(ArchiveReader&&) noexcept;
  ~ArchiveReader();

  // The name of the next entry; nullopt at the end.
  Result<std::optional<std::string>> next_entry();
  // The next piece of the entry's content, valid until the next call; empty at its end.
  Result<std::string_view> read();
  // All of it, at most `most` bytes.
  Result<std::string> read_all(std::size_t most);

  [[nodiscard]] std::uint64_t packed_bytes_read() const;
  [[nodiscard]] std::uint64_t packed_bytes() const;

 private:
  struct State;
  explicit ArchiveReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace linnet::connect
