// What a fuzz target holds true: aborts, so that the fuzzer keeps the input.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace linnet::fuzz {

inline void expect(bool is_true) {
  if (!is_true) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace linnet::fuzz
