#include "connect/discord/zlib_stream.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

namespace linnet::connect::discord {

struct ZlibStream::State {
  z_stream stream{};
  std::string text;
  std::string tail;  // the last bytes that came: an end may be cut in two
  std::size_t most = 0;

  explicit State(std::size_t most_bytes) : most(most_bytes) { inflateInit(&stream); }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

ZlibStream::ZlibStream(std::size_t most) : state_(std::make_unique<State>(most)) {}
ZlibStream::~ZlibStream() = default;
ZlibStream::ZlibStream(ZlibStream&&) noexcept = default;
ZlibStream& ZlibStream::operator=(ZlibStream&&) noexcept = default;

Result<std::optional<std::string>> ZlibStream::take(std::string_view piece) {
  constexpr std::string_view kEnd("\x00\x00\xFF\xFF", 4);
  auto& stream = state_->stream;
  // zlib's interface is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(piece.size());
  std::array<char, 1U << 14U> buffer{};
  do {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());  // NOLINT
    stream.avail_out = buffer.size();
    const int code = inflate(&stream, Z_SYNC_FLUSH);
    const bool needs_more = code == Z_BUF_ERROR;  // all that was there was taken
    if (code != Z_OK && !needs_more) return invalid("the gateway's compressed stream is broken");
    state_->text.append(buffer.data(), buffer.size() - stream.avail_out);
    if (state_->text.size() > state_->most)
      return invalid(fmt::format("a message of the gateway has more than {} bytes", state_->most));
    if (needs_more) break;
  } while (stream.avail_in > 0 || stream.avail_out == 0);
  auto& tail = state_->tail;
  tail += piece.substr(piece.size() - std::min(piece.size(), kEnd.size()));
  tail.erase(0, tail.size() - std::min(tail.size(), kEnd.size()));
  if (tail != kEnd) return std::optional<std::string>();
  return std::optional(std::exchange(state_->text, {}));
}

}  // namespace linnet::connect::discord
