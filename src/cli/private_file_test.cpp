// What is written for one person stays theirs, whatever lies in its place.
#include "cli/private_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/context.hpp"

namespace linnet::cli {
namespace {

namespace fs = std::filesystem;

class PrivateFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "linnet-private-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "record.json";
  }
  void TearDown() override { fs::remove_all(folder_); }
  static std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  static unsigned rights_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0);
    return status.st_mode & 0777U;
  }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_), {}); }

  fs::path folder_;
  fs::path path_;
};

TEST_F(PrivateFile, IsItsOwnersAlsoWhereAnotherWasForAll) {
  ASSERT_TRUE(write_private_file(path_, "new"));
  EXPECT_EQ(rights_of(path_), 0600U);
  std::ofstream(path_) << "old and longer";
  fs::permissions(path_, fs::perms(0644));
  std::ifstream reader(path_);  // somebody has it open
  ASSERT_TRUE(write_private_file(path_, "messages"));
  EXPECT_EQ(text_of(path_), "messages");
  EXPECT_EQ(rights_of(path_), 0600U);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old and longer");
  EXPECT_EQ(files(), 1);
}

TEST_F(PrivateFile, TakesTheNameOfNoFileOfLinnets) {
  GlobalOptions options;
  options.data = folder_;
  fs::create_directories(folder_ / "uploads");
  fs::create_directories(folder_ / "media");
  for (const auto* const name : {"linnet.db", "linnet.events.db", "secret.key", "secret.key.next",
                                 "secret.salt", "uploads/1", "media/1"})
    std::ofstream(folder_ / name) << "own";
  fs::create_hard_link(folder_ / "linnet.db", folder_ / "hard");
  fs::create_directory_symlink(folder_, folder_ / "way");
  for (const auto* const name :
       {"linnet.db", "linnet.events.db", "linnet.search.db", "linnet.db-wal", "linnet.db.stop", "secret.key",
        "secret.key.next", "secret.salt", "linnet.toml", "uploads/1", "hard", "way/linnet.db",
        "uploads/../secret.key", ""}) {
    const auto place = *name == '\0' ? std::string() : (folder_ / name).string();
    const auto checked = check_output_file("--out", place, options, true);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().kind, ErrorKind::invalid) << name;
  }
  EXPECT_TRUE(check_output_file("--out", path_, options, false)) << "a new one may lie beside them";
  std::ofstream(path_) << "theirs";
  EXPECT_EQ(check_output_file("--out", path_, options, false).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(check_output_file("--out", path_, options, true));
  options.db = "sqlite:" + (folder_ / "other.db").string();
  EXPECT_FALSE(check_output_file("--out", folder_ / "other.events.db", options, true));
  EXPECT_FALSE(check_output_file("--out", folder_ / "linnet.db", options, true))
      << "the folder's stay its own";
  options.db = "postgres://db.example/linnet";
  EXPECT_FALSE(check_output_file("--out", folder_ / "linnet.db", options, true));
}

// As with nightly copies in a folder of their own.
TEST_F(PrivateFile, OtherFoldersInTheDataFolderAreNotLinnets) {
  GlobalOptions options;
  options.data = folder_;
  fs::create_directories(folder_ / "backups");
  const auto copy = folder_ / "backups" / "daily.db";
  EXPECT_TRUE(check_output_file("FILE", copy, options, true));
  std::ofstream(copy) << "of last night";
  const auto again = check_output_file("FILE", copy, options, true);
  EXPECT_TRUE(again) << again.error().safe;
  EXPECT_EQ(check_output_file("FILE", copy, options, false).error().kind, ErrorKind::conflict);
}

TEST_F(PrivateFile, TakesThePlaceOfNothingButAFile) {
  const auto elsewhere = folder_ / "elsewhere";
  std::ofstream(elsewhere) << "theirs";
  fs::create_symlink(elsewhere, path_);
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const auto& place : {folder_, path_, pipe}) {
    EXPECT_FALSE(check_output_file("--out", place, {}, true)) << place;
    const auto written = write_private_file(place, "messages");
    ASSERT_FALSE(written) << place;
    EXPECT_EQ(written.error().kind, ErrorKind::invalid);
  }
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(text_of(elsewhere), "theirs");
  EXPECT_FALSE(write_private_file(folder_ / "nowhere" / "record.json", "messages"));
  EXPECT_EQ(files(), 3);
}

}  // namespace
}  // namespace linnet::cli
