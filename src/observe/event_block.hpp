// How the lines of the event log are packed: up to 256 of them in a block, compressed.
#pragma once

#include <zstd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/connection.hpp"

namespace linnet::observe {

enum BlockCodec : std::int64_t { kPlainBlock = 0, kZstdBlock = 1 };

struct FreeZstdContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using CompressContext = std::unique_ptr<ZSTD_CCtx, FreeZstdContext>;
using DecompressContext = std::unique_ptr<ZSTD_DCtx, FreeZstdContext>;

// What a query must select for unpack_block, in this order.
constexpr std::string_view kBlockColumns = "first_event_id, event_count, codec, payloads, raw_bytes";

// The lines of the block that stands in `row`, into `lines`; `text` holds them. `corrupt` when it does not
// hold what it should.
Status unpack_block(const store::Statement& row, ZSTD_DCtx& context, std::string& text,
                    std::vector<std::string_view>& lines);

// Lines, each ended by a line feed, into `packed`, for kZstdBlock.
Status pack_block(ZSTD_CCtx& context, std::string_view lines, std::string& packed);

}  // namespace linnet::observe
