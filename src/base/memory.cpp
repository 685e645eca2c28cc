#include "base/memory.hpp"

#include <malloc.h>

namespace linnet {
namespace {

constexpr int kLargeBlock = 256 << 10;
constexpr int kMostArenas = 4;

}  // namespace

void keep_little_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  mallopt(M_ARENA_MAX, kMostArenas);
#endif
}

void give_memory_back() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace linnet
