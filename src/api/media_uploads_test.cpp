// Files that wait for their action, and when they leave.
#include "api/media_uploads.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/clock.hpp"

namespace linnet::api {
namespace {

namespace fs = std::filesystem;

// The clock may have jumped: only who knows whether to believe it removes by it (Chores).
TEST(MediaUploads, AnotherFileThatComesRemovesNone) {
  std::string name = ::testing::TempDir() + "linnet-uploads-XXXXXX";
  const fs::path folder = ::mkdtemp(name.data());
  govern::Who ada;
  ada.user_id = "ada";
  const auto waiting = folder / "1.ada";
  std::ofstream(waiting) << "a film";
  fs::last_write_time(waiting, fs::file_time_type::clock::now() - std::chrono::hours(24 * 3));
  {
    const auto coming = UploadSink::open(folder, ada);
    ASSERT_TRUE(coming) << coming.error().message;
    EXPECT_TRUE(fs::exists(waiting));
  }
  remove_old_uploads(folder, SystemClock().now());
  EXPECT_FALSE(fs::exists(waiting));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace linnet::api
