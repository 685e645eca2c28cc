// Jetstream's compressed frames: zstd with a dictionary that the client has to have.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::connect::bluesky {

// Not thread-safe.
class FrameDecompressor {
 public:
  // `invalid` when the bytes are no zstd dictionary.
  static Result<FrameDecompressor> with_dictionary(std::string_view bytes);
  // The same of a file; `unavailable` when it cannot be read.
  static Result<FrameDecompressor> with_dictionary_file(const std::string& path);

  // One frame, whole. `conflict`: it was made with another dictionary; `invalid`: it is damaged, or would
  // be larger than `most` bytes. However large it claims to be, no more than that is taken.
  Result<std::string> decompress(std::string_view frame, std::size_t most);

  FrameDecompressor(FrameDecompressor&&) noexcept;
  FrameDecompressor& operator=(FrameDecompressor&&) noexcept;
  ~FrameDecompressor();

 private:
  struct State;
  explicit FrameDecompressor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace linnet::connect::bluesky
