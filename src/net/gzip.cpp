#include "net/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace linnet::net {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for gzip rather than its own format

// zlib takes a pointer to what it does not change.
Bytef* input_of(std::string_view bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

struct Inflater {
  z_stream stream{};
  ~Inflater() { inflateEnd(&stream); }
};

}  // namespace

Result<std::string> gzip(std::string_view bytes, int level) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) return invalid("gzip: more than 4 GiB at once");
  z_stream stream{};
  if (deflateInit2(&stream, std::clamp(level, 1, 9), Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return internal_error("gzip: out of memory");
  }
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return internal_error("gzip: deflate failed");
  return packed;
}

Result<std::string> gunzip(std::string_view packed, std::size_t max_bytes) {
  if (packed.size() > std::numeric_limits<uInt>::max()) return invalid("gunzip: more than 4 GiB at once");
  Inflater inflater;
  auto& stream = inflater.stream;
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return internal_error("gunzip: out of memory");
  stream.next_in = input_of(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string bytes;
  std::array<char, 64U << 10> piece;
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    const std::size_t count = piece.size() - stream.avail_out;
    if (count > max_bytes - bytes.size())
      return invalid("gunzip: larger than " + std::to_string(max_bytes) + " bytes");
    bytes.append(piece.data(), count);
  }
  if (result != Z_STREAM_END) return Error::of(ErrorKind::corrupt, "gunzip: not gzip, or cut off");
  return bytes;
}

}  // namespace linnet::net
