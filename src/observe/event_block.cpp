#include "observe/event_block.hpp"

#include <fmt/format.h>

namespace linnet::observe {
namespace {

constexpr int kCompressionLevel = 1;

}  // namespace

Status unpack_block(const store::Statement& row, ZSTD_DCtx& context, std::string& text,
                    std::vector<std::string_view>& lines) {
  const auto packed = row.bytes(3);
  if (row.integer(2) == kPlainBlock) {
    text.assign(packed);
  } else {
    text.resize(static_cast<std::size_t>(row.integer(4)));
    const auto size = ZSTD_decompressDCtx(&context, text.data(), text.size(), packed.data(), packed.size());
    if (ZSTD_isError(size) != 0 || size != text.size()) {
      return Error::of(ErrorKind::corrupt,
                       fmt::format("event block {}: does not decompress", row.integer(0)));
    }
  }
  lines.clear();
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (static_cast<std::int64_t>(lines.size()) != row.integer(1)) {
    return Error::of(ErrorKind::corrupt, fmt::format("event block {}: holds {} lines, should hold {}",
                                                     row.integer(0), lines.size(), row.integer(1)));
  }
  return {};
}

Status pack_block(ZSTD_CCtx& context, std::string_view lines, std::string& packed) {
  packed.resize(ZSTD_compressBound(lines.size()));
  const auto size = ZSTD_compressCCtx(&context, packed.data(), packed.size(), lines.data(), lines.size(),
                                      kCompressionLevel);
  if (ZSTD_isError(size) != 0) return internal_error(fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  packed.resize(size);
  return {};
}

}  // namespace linnet::observe
