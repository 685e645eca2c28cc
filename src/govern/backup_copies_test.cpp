// Which copies of the database stay.
#include "govern/backup_copies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <set>

namespace linnet::govern {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class BackupCopies : public testing::Test {
 protected:
  BackupCopies() {
    auto folder = (fs::temp_directory_path() / "linnet-copies-XXXXXX").string();
    data_ = mkdtemp(folder.data());
    folder_ = backups_folder(data_).value();
  }
  ~BackupCopies() override { fs::remove_all(data_); }

  void make(const std::string& file) const { std::ofstream(folder_ / file) << "x"; }
  [[nodiscard]] std::set<std::string> there() const {
    std::set<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder_)) files.insert(entry.path().filename().string());
    return files;
  }

  std::string data_;
  fs::path folder_;
};

TEST_F(BackupCopies, StandWhereTheirOwnerAloneReadsThem) {
  EXPECT_EQ(fs::status(folder_).permissions() & fs::perms::all, fs::perms::owner_all);
  EXPECT_EQ(name_of_copy(parse_iso8601("2026-08-01T03:30:00Z").value(), false), "linnet-20260801T033000Z");
  EXPECT_EQ(name_of_copy(parse_iso8601("2026-08-01T03:30:00Z").value(), true),
            "linnet-scheduled-20260801T033000Z");
}

TEST_F(BackupCopies, TheNewestOfTheScheduleStayWithAllThatWasAskedFor) {
  for (const auto* const file :
       {"linnet-20250101T033000Z.db", "linnet-scheduled-notes.txt", "linnet-scheduled-20260801T033000Z.db",
        "linnet-scheduled-20260801T033000Z.events.db", "linnet-scheduled-20260802T033000Z.db",
        "linnet-scheduled-20260803T033000Z.sql"})
    make(file);
  EXPECT_EQ(remove_old_copies(folder_, "linnet-scheduled-20260803T033000Z", 2).value(), 1);
  EXPECT_THAT(there(), ElementsAre("linnet-20250101T033000Z.db", "linnet-scheduled-20260802T033000Z.db",
                                   "linnet-scheduled-20260803T033000Z.sql", "linnet-scheduled-notes.txt"));
}

TEST_F(BackupCopies, OneThatWasBrokenOffTakesNoOthersPlace) {
  make("linnet-scheduled-20260801T033000Z.db");
  make("linnet-scheduled-20260802T033000Z.db.new");
  make("linnet-scheduled-20260803T033000Z.db");
  EXPECT_EQ(remove_old_copies(folder_, "linnet-scheduled-20260803T033000Z", 2).value(), 1);
  EXPECT_THAT(there(),
              ElementsAre("linnet-scheduled-20260801T033000Z.db", "linnet-scheduled-20260803T033000Z.db"));
}

// Others may have been made under a clock that was ahead.
TEST_F(BackupCopies, TheOneJustMadeStaysWhateverTheOthersAreCalled) {
  make("linnet-scheduled-20260801T033000Z.db");
  make("linnet-scheduled-20990801T033000Z.db");
  EXPECT_EQ(remove_old_copies(folder_, "linnet-scheduled-20260801T033000Z", 1).value(), 1);
  EXPECT_THAT(there(), ElementsAre("linnet-scheduled-20260801T033000Z.db"));
}

}  // namespace
}  // namespace linnet::govern
