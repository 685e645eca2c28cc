#include "observe/event_block.hpp"

#include <fmt/format.h>

namespace linnet::observe {
namespace {

constexpr int kCompressionLevel = 1;
// More than any block can hold: its lines stop at 2 MiB, and the last of them may be as long as a request.
constexpr std::int64_t kMostBlockBytes = 512LL << 20;

Error damaged_block(const store::Statement& row, std::string_view what) {
  return Error::of(ErrorKind::corrupt, fmt::format("event block {}: {}", row.integer(0), what));
}

// A damaged length must not make anybody ask for that much memory.
Status decompress(const store::Statement& row, ZSTD_DCtx& context, std::string& text) {
  const auto packed = row.bytes(3);
  const auto size = row.integer(4);
  const auto in_frame = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size < 0 || size > kMostBlockBytes || in_frame != static_cast<unsigned long long>(size))
    return damaged_block(row, "does not decompress");
  text.resize(static_cast<std::size_t>(size));
  const auto got = ZSTD_decompressDCtx(&context, text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) != 0 || got != text.size()) return damaged_block(row, "does not decompress");
  return {};
}

Status take_plain(const store::Statement& row, std::string& text) {
  text.assign(row.bytes(3));
  if (static_cast<std::int64_t>(text.size()) != row.integer(4))
    return damaged_block(row, fmt::format("is {} bytes long, should be {}", text.size(), row.integer(4)));
  return {};
}

}  // namespace

Status unpack_block(const store::Statement& row, ZSTD_DCtx& context, std::string& text,
                    std::vector<std::string_view>& lines) {
  switch (row.integer(2)) {
    case kPlainBlock:
      LINNET_CHECK(take_plain(row, text));
      break;
    case kZstdBlock:
      LINNET_CHECK(decompress(row, context, text));
      break;
    default:
      return damaged_block(row, fmt::format("is packed in an unknown way ({})", row.integer(2)));
  }
  lines.clear();
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (static_cast<std::int64_t>(lines.size()) != row.integer(1))
    return damaged_block(row, fmt::format("holds {} lines, should hold {}", lines.size(), row.integer(1)));
  return {};
}

Status pack_block(ZSTD_CCtx& context, std::string_view lines, std::string& packed) {
  packed.resize(ZSTD_compressBound(lines.size()));
  // With a checksum: a bit that falls over would otherwise change a text without a word.
  ZSTD_CCtx_setParameter(&context, ZSTD_c_compressionLevel, kCompressionLevel);
  ZSTD_CCtx_setParameter(&context, ZSTD_c_checksumFlag, 1);
  const auto size = ZSTD_compress2(&context, packed.data(), packed.size(), lines.data(), lines.size());
  if (ZSTD_isError(size) != 0) return internal_error(fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  packed.resize(size);
  return {};
}

}  // namespace linnet::observe
