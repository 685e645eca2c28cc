#include "govern/backup_copies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

namespace linnet::govern {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAskedFor = "linnet-";
constexpr std::string_view kByScheduleCopy = "linnet-scheduled-";
// «20260801T033000Z»
constexpr std::size_t kMomentLength = 16;

// "linnet-scheduled-20260801T033000Z" of "linnet-scheduled-20260801T033000Z.events.db"; empty: not one of
// those.
std::string copy_of_file(const std::string& file) {
  const auto length = kByScheduleCopy.size() + kMomentLength;
  if (!file.starts_with(kByScheduleCopy) || file.size() <= length || file[length] != '.') return {};
  const auto is_of_moment = [](char c) { return (c >= '0' && c <= '9') || c == 'T' || c == 'Z'; };
  const auto moment = std::string_view(file).substr(kByScheduleCopy.size(), kMomentLength);
  return std::all_of(moment.begin(), moment.end(), is_of_moment) ? file.substr(0, length) : std::string();
}

struct Copy {
  std::vector<fs::path> files;
  bool is_whole = false;  // the tables' file is put in its place last but for the search index
};

Result<std::map<std::string, Copy>> copies_in(const fs::path& folder) {
  std::map<std::string, Copy> copies;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const auto file = entry->path().filename().string();
    const auto name = copy_of_file(file);
    if (name.empty()) continue;
    auto& copy = copies[name];
    copy.files.push_back(entry->path());
    copy.is_whole = copy.is_whole || file == name + ".db" || file == name + ".sql";
  }
  if (error) return unavailable(fmt::format("{}: {}", folder.string(), error.message()));
  return copies;
}

}  // namespace

Result<fs::path> backups_folder(const std::string& data) {
  auto folder = fs::path(data) / "backups";
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (!error) return folder;
  return Error::of(ErrorKind::unavailable, fmt::format("{}: {}", folder.string(), error.message()),
                   fmt::format("the folder backups of the data folder cannot be made or made private: {}; "
                               "see what is in its place",
                               error.message()));
}

std::string name_of_copy(Instant begun, bool is_by_schedule) {
  auto moment = to_iso8601(begun).substr(0, 19);
  std::erase_if(moment, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}{}Z", is_by_schedule ? kByScheduleCopy : kAskedFor, moment);
}

Result<std::int64_t> remove_old_copies(const fs::path& folder, const std::string& newest, std::int64_t most) {
  LINNET_TRY(const auto copies, copies_in(folder));
  std::int64_t left = most - 1;
  std::int64_t removed = 0;
  for (auto copy = copies.rbegin(); copy != copies.rend(); ++copy) {
    if (copy->first == newest) continue;
    if (copy->second.is_whole && left-- > 0) continue;
    for (const auto& file : copy->second.files) {
      std::error_code error;
      fs::remove(file, error);
      if (error) return unavailable(fmt::format("{}: {}", file.string(), error.message()));
    }
    ++removed;
  }
  return removed;
}

}  // namespace linnet::govern
