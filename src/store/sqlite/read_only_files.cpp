#include "store/sqlite/read_only_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

namespace linnet::store {

namespace fs = std::filesystem;

bool may_be_written(const std::string& path) {
  const auto folder = fs::path(path).parent_path().string();
  if (::eaccess(folder.empty() ? "." : folder.c_str(), W_OK) != 0) return false;
  std::error_code ignored;
  return !fs::exists(path, ignored) || ::eaccess(path.c_str(), W_OK) == 0;
}

std::string read_only_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  std::error_code ignored;
  return uri + (fs::exists(path + "-wal", ignored) ? "?mode=ro" : "?mode=ro&immutable=1");
}

}  // namespace linnet::store
