#include "net/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

namespace linnet::net {
namespace {

constexpr rlim_t kEnough = 65'536;
constexpr std::size_t kFewest = 8;

}  // namespace

Descriptors count_descriptors() {
  Descriptors files;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    files.limit = static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, kEnough));
  std::error_code ignored;
  for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator("/proc/self/fd", ignored))
    ++files.used;
  return files;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const auto most = std::min<rlim_t>(limit.rlim_max, kEnough);
  if (limit.rlim_cur >= most) return;
  limit.rlim_cur = most;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t connections_that_fit(std::size_t wanted, const Descriptors& files, std::size_t reserved) {
  if (files.limit == 0) return wanted;
  // Where there is little, everything gets by with less.
  const auto kept = std::min(reserved, files.limit / 3);
  const auto taken = files.used + kept;
  const auto room = files.limit > taken ? files.limit - taken : 0;
  return std::min(wanted, std::max(room, kFewest));
}

}  // namespace linnet::net
