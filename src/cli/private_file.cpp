#include "cli/private_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "base/private_file.hpp"
#include "base/secret_box.hpp"
#include "cli/context.hpp"
#include "store/database_files.hpp"

namespace linnet::cli {
namespace {

namespace fs = std::filesystem;

// What Linnet keeps in its data folder and beside a database elsewhere; the one that the folder holds as
// well, while the options name another.
std::vector<fs::path> own_files(const GlobalOptions& options) {
  const fs::path data(options.data);
  std::vector<fs::path> own{SecretBox::key_path(data), SecretBox::next_key_path(data),
                            SecretBox::salt_path(data), data / "linnet.toml", data / "serve.lock"};
  GlobalOptions without_place = options;
  without_place.db.clear();
  for (const auto& location : {database_location(options), database_location(without_place)}) {
    for (auto& file : store::files_of_database(location)) own.emplace_back(std::move(file));
    const auto tables = store::file_of_tables(location);
    for (const auto* const beside : {".stop", ".lock"})
      if (!tables.empty()) own.emplace_back(tables + beside);
  }
  return own;
}

// Also by a hard link, or by another way to the folder.
bool is_own_file(const fs::path& path, const GlobalOptions& options) {
  std::error_code ignored;
  const auto place = fs::weakly_canonical(path, ignored);
  for (const auto& own : own_files(options)) {
    if (place == fs::weakly_canonical(own, ignored) || fs::equivalent(path, own, ignored)) return true;
  }
  // Files of actions. Other folders in the data folder are whoever made them's.
  for (const auto* const folder : {"uploads", "media"}) {
    const auto within =
        place.lexically_relative(fs::weakly_canonical(fs::path(options.data) / folder, ignored));
    if (!within.empty() && *within.begin() != "..") return true;
  }
  return false;
}

}  // namespace

Status check_output_file(std::string_view name, const std::string& path, const GlobalOptions& options,
                         bool overwrite) {
  if (path.empty()) return invalid(fmt::format("{}: expected the name of a file", name));
  if (is_own_file(path, options))
    return invalid(fmt::format("{}: {} is a file of Linnet's own; take another name", name, path));
  std::error_code code;
  const auto there = fs::symlink_status(path, code);
  if (!fs::exists(there)) return {};
  if (!fs::is_regular_file(there))
    return invalid(fmt::format("{}: {} is no file, but a {}; expected the name of a file", name, path,
                               fs::is_symlink(there)     ? "link"
                               : fs::is_directory(there) ? "folder"
                                                         : "device or a pipe"));
  if (overwrite) return {};
  return Error::of(ErrorKind::conflict,
                   fmt::format("{}: {} is there already; take another name, or --overwrite", name, path));
}

Status write_private_file(const std::string& path, std::string_view text) {
  std::error_code code;
  const auto there = fs::symlink_status(path, code);
  if (fs::exists(there) && !fs::is_regular_file(there))
    return invalid(fmt::format("{}: expected the name of a file", path));
  return put_private_file(path, text);
}

}  // namespace linnet::cli
