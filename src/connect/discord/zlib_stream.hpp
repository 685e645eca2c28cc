// The compression of Discord's gateway: one zlib stream for a whole connection, a message ends where the
// bytes 00 00 FF FF do.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::connect::discord {

class ZlibStream {
 public:
  // A message of more bytes is refused.
  explicit ZlibStream(std::size_t most);
  ~ZlibStream();
  ZlibStream(ZlibStream&&) noexcept;
  ZlibStream& operator=(ZlibStream&&) noexcept;

  // Takes a piece; the message, once its end has come. After an error the connection is of no more use.
  Result<std::optional<std::string>> take(std::string_view piece);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace linnet::connect::discord
