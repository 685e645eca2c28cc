#include "connect/bluesky/frame_decompressor.hpp"

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace linnet::connect::bluesky {
namespace {

constexpr std::size_t kLargestDictionary = 16U << 20U;
// A frame may ask for a window of its choice: 8 MiB is what zstd itself asks of every decoder.
constexpr int kLargestWindowLog = 23;
constexpr std::size_t kStep = 64U << 10U;

}  // namespace

struct FrameDecompressor::State {
  std::unique_ptr<ZSTD_DDict, decltype(&ZSTD_freeDDict)> dictionary{nullptr, &ZSTD_freeDDict};
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{nullptr, &ZSTD_freeDCtx};
};

FrameDecompressor::FrameDecompressor(std::unique_ptr<State> state) : state_(std::move(state)) {}
FrameDecompressor::FrameDecompressor(FrameDecompressor&&) noexcept = default;
FrameDecompressor& FrameDecompressor::operator=(FrameDecompressor&&) noexcept = default;
FrameDecompressor::~FrameDecompressor() = default;

Result<FrameDecompressor> FrameDecompressor::with_dictionary(std::string_view bytes) {
  // Any bytes would do as a dictionary without a number; then nobody could tell that they are the wrong ones.
  if (ZSTD_getDictID_fromDict(bytes.data(), bytes.size()) == 0) return invalid("expected a zstd dictionary");
  auto state = std::make_unique<State>();
  state->dictionary.reset(ZSTD_createDDict(bytes.data(), bytes.size()));
  state->context.reset(ZSTD_createDCtx());
  if (!state->dictionary || !state->context) return invalid("expected a zstd dictionary, got a damaged one");
  ZSTD_DCtx_setParameter(state->context.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
  ZSTD_DCtx_refDDict(state->context.get(), state->dictionary.get());
  return FrameDecompressor(std::move(state));
}

Result<FrameDecompressor> FrameDecompressor::with_dictionary_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  bytes.resize(kLargestDictionary + 1);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) && file.gcount() == 0)
    return Error::of(ErrorKind::unavailable, fmt::format("the dictionary {} cannot be read", path),
                     "jetstream_dictionary: the file cannot be read");
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  auto made = bytes.size() > kLargestDictionary
                  ? Result<FrameDecompressor>(invalid("expected at most 16 MiB"))
                  : with_dictionary(bytes);
  if (!made)
    return Error::of(ErrorKind::invalid, fmt::format("{}: {}", path, made.error().message),
                     fmt::format("jetstream_dictionary: {}", made.error().safe));
  return made;
}

Result<std::string> FrameDecompressor::decompress(std::string_view frame, std::size_t most) {
  auto* const context = state_->context.get();
  ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
  ZSTD_inBuffer in{frame.data(), frame.size(), 0};
  std::string text;
  while (true) {
    const auto start = text.size();
    // One byte more than is taken, so that «just as much» and «more» can be told apart.
    text.resize(std::min(start + kStep, most + 1));
    ZSTD_outBuffer out{text.data(), text.size(), start};
    const auto left = ZSTD_decompressStream(context, &out, &in);
    if (ZSTD_isError(left) != 0) {
      if (ZSTD_getErrorCode(left) == ZSTD_error_dictionary_wrong)
        return Error::of(ErrorKind::conflict, "compressed with another dictionary");
      return invalid(fmt::format("compressed data: {}", ZSTD_getErrorName(left)));
    }
    text.resize(out.pos);
    if (out.pos > most) return invalid(fmt::format("more than {} bytes once decompressed", most));
    if (left == 0) break;
    if (in.pos == in.size && out.pos < out.size) return invalid("compressed data: the end is missing");
  }
  if (in.pos != in.size) return invalid("compressed data: more than one frame");
  return text;
}

}  // namespace linnet::connect::bluesky
