// Reads a body from its file, piece by piece.
#pragma once

#include "net/http_transport.hpp"

namespace linnet::net {

// Not thread-safe.
class BodyReader {
 public:
  explicit BodyReader(const FileBody& body) : body_(body) {}
  ~BodyReader();
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  Status open();
  // Into `room`; nothing: it is at its end. `unavailable` where the file cannot be read, or is shorter than
  // it was.
  Result<std::size_t> read(char* room, std::size_t size);
  // Where it goes on, from the beginning of all.
  void seek(std::uint64_t position) { position_ = position; }

 private:
  const FileBody& body_;
  std::uint64_t position_ = 0;
  int file_ = -1;
};

}  // namespace linnet::net
