// Files go out before their post, each once, and what is there is used after a crash.
#include "act/upload_files.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "act/carry_out.hpp"
#include "act/claim.hpp"
#include "act/gate_fixture.hpp"
#include "kit/media.hpp"

namespace linnet::act {
namespace {

namespace fs = std::filesystem;
using model::ActionStatus;
using testing::ElementsAre;
using testing::IsEmpty;

class UploadFilesTest : public GateFixture {
 protected:
  Attempt ask_for_pictures(const std::string& text = "Look") {
    auto action = publish(text);
    action.drafts.front().media = {test::media_file("a.png", "image/png", "\x89PNG first", "a boat"),
                                   test::media_file("b.png", "image/png", "\x89PNG second")};
    const auto requested = gate_->request(action, ada_, false);
    EXPECT_TRUE(requested) << requested.error().safe;
    return requested->attempts.front();
  }
  // As a dispatcher of that name has it.
  Lane lane_of(const std::string& worker) {
    return {**database_, *writer_, clock_,
            box_,        check_,   options_,
            ends_,       worker,   std::make_shared<PretendConnector>(platform_)};
  }
  // Its files are uploaded, and then the worker ends.
  void crash_before_publishing(const Attempt& attempt) {
    auto lane = lane_of("one that crashes");
    auto loaded = load(lane, attempt.id).value();
    ASSERT_TRUE(claim(lane, loaded, {}).value());
    ASSERT_TRUE(reload(attempt).is_uploading);
    for (std::size_t i = 0; i < loaded.order.draft.media.size(); ++i) {
      const auto upload = lane.connector->upload(loaded.order.draft.media[i], loaded.order, {});
      ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
        return note_uploaded(connection, attempt.id, i, upload.id, clock_.now());
      }));
    }
  }
  void take_up() {
    options_.is_alone = true;
    ASSERT_TRUE(adopt_orphans(*writer_, clock_, ends_, "another", options_));
  }
  std::vector<std::string> kept_files() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(database_->folder() + "/media", ignored))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  RequestEnds ends_;
};

INSTANTIATE_TEST_SUITE_P(Engines, UploadFilesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(UploadFilesTest, EachGoesOutBeforeItsPost) {
  const auto attempt = ask_for_pictures();
  const auto& id = attempt.id.value();
  EXPECT_THAT(kept_files(), ElementsAre(id + ".0", id + ".1"));
  start();
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_THAT(platform_.uploads(), ElementsAre("a.png", "b.png"));
  EXPECT_THAT(platform_.files_of("Look"), ElementsAre("upload-0", "upload-1"));
  EXPECT_FALSE(reload(attempt).is_uploading);
}

TEST_P(UploadFilesTest, AfterACrashItGoesOnAtOnceWithWhatIsThere) {
  const auto attempt = ask_for_pictures();
  crash_before_publishing(attempt);
  take_up();
  EXPECT_EQ(reload(attempt).status, ActionStatus::pending)
      << "nothing took effect: nothing is to be looked up";
  options_.is_alone = false;
  start();
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_THAT(platform_.uploads(), ElementsAre("a.png", "b.png")) << "none is uploaded again";
  EXPECT_THAT(platform_.files_of("Look"), ElementsAre("upload-0", "upload-1"));
}

TEST_P(UploadFilesTest, WhatThePlatformHasForgottenIsUploadedAnew) {
  const auto attempt = ask_for_pictures();
  crash_before_publishing(attempt);
  take_up();
  platform_.forget_uploads();
  start();
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_THAT(platform_.files_of("Look"), ElementsAre("upload-2", "upload-3"));
}

TEST_P(UploadFilesTest, WhatIsOldIsNotReliedOn) {
  const auto attempt = ask_for_pictures();
  crash_before_publishing(attempt);
  auto reader = (*database_)->reader();
  EXPECT_EQ(load_media(**reader, attempt.id.value(), clock_.now()).value().front().uploaded_id, "upload-0");
  const auto later = clock_.now() + std::chrono::hours(1);
  EXPECT_EQ(load_media(**reader, attempt.id.value(), later).value().front().uploaded_id, "");
}

// It was taken for dead while it uploaded, and is not: the other may have published.
TEST_P(UploadFilesTest, WhoWasTakenForDeadPublishesNothing) {
  const auto attempt = ask_for_pictures();
  auto lane = lane_of("a slow one");
  auto loaded = load(lane, attempt.id).value();
  ASSERT_TRUE(claim(lane, loaded, {}).value());
  take_up();
  const auto uploaded = upload_files(lane, loaded, {});
  ASSERT_TRUE(uploaded) << uploaded.error().message;
  EXPECT_TRUE(uploaded->failure);
}

TEST_P(UploadFilesTest, AFileThatIsLostIsSaidAndNothingIsPublished) {
  const auto attempt = ask_for_pictures();
  execute("DELETE FROM action_media_pieces");
  fs::remove_all(database_->folder() + "/media");
  start();
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::failed);
  EXPECT_THAT(reload(attempt).error, testing::HasSubstr("a.png"));
  EXPECT_THAT(platform_.effects(), IsEmpty());
}

// Another process of the same database has a folder of its own.
TEST_P(UploadFilesTest, WhereTheDatabaseIsSharedSoAreTheFiles) {
  const auto attempt = ask_for_pictures();
  const MediaStore elsewhere(database_->folder() + "/elsewhere");
  auto reader = (*database_)->reader();
  auto files = load_media(**reader, attempt.id.value()).value();
  const auto found = elsewhere.find_places(**reader, attempt.id.value(), files);
  if (GetParam() == store::Engine::sqlite) {
    EXPECT_EQ(found.error().kind, ErrorKind::not_found);
    return;
  }
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(connect::read_file(files.back().path).value(), "\x89PNG second");
}

TEST_P(UploadFilesTest, WhatBelongsToNothingIsSweptOnceItIsOld) {
  const auto attempt = ask_for_pictures();
  const auto stray = database_->folder() + "/media/stray.0";
  fs::copy_file(database_->folder() + "/media/" + attempt.id.value() + ".0", stray);
  auto reader = (*database_)->reader();
  ASSERT_TRUE(options_.media.sweep(**reader, clock_.now()));
  EXPECT_TRUE(fs::exists(stray)) << "a request may be about to be written down";
  ASSERT_TRUE(options_.media.sweep(**reader, clock_.now() + std::chrono::hours(1)));
  EXPECT_FALSE(fs::exists(stray));
  EXPECT_EQ(kept_files().size(), 2U);
}

TEST_P(UploadFilesTest, ACopyOfTheDatabaseHasThemInIt) {
  if (GetParam() != store::Engine::sqlite) GTEST_SKIP() << "pg_dump copies all of it";
  const auto attempt = ask_for_pictures();
  const auto path = database_->folder() + "/copy.db";
  const auto done = back_up(**database_, options_.media, path);
  ASSERT_TRUE(done) << done.error().message;
  auto copy = std::move(store::open_database("sqlite:" + path)).value();
  auto reader = copy->reader();
  auto files = load_media(**reader, attempt.id.value()).value();
  const MediaStore elsewhere(database_->folder() + "/restored");
  ASSERT_TRUE(elsewhere.find_places(**reader, attempt.id.value(), files));
  EXPECT_EQ(connect::read_file(files.front().path).value(), "\x89PNG first");
}

}  // namespace
}  // namespace linnet::act
