// Which part of an archive is taken: the rest of one that was broken off, all of any other.
#include "observe/import_archive.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "kit/test_database.hpp"

namespace linnet::observe {
namespace {

std::string note(const std::string& author, int id, const std::string& content) {
  return fmt::format(
      R"({{"type":"Create","published":"2022-11-01T10:00:00Z","object":{{"type":"Note","id":"https://example.social/users/{}/statuses/{}",)"
      R"("published":"2022-11-01T10:00:00Z","content":"<p>{}</p>","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":[]}}}})",
      author, id, content);
}

// One file of a tar (POSIX.1-1988, ustar).
std::string packed(const std::string& name, const std::string& content) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  put(0, name);
  put(100, "0000644");
  put(124, fmt::format("{:011o}", content.size()));
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, "ustar");
  put(263, "00");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  auto file = header + content;
  file.append((512 - file.size() % 512) % 512, '\0');
  return file;
}

class ImportArchiveTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    std::string name = ::testing::TempDir() + "linnet-import-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  // Always under the same name.
  void write(const std::string& author, const std::vector<std::string>& notes) {
    const auto actor = fmt::format(
        R"({{"type":"Person","id":"https://example.social/users/{0}","preferredUsername":"{0}","url":"https://example.social/@{0}"}})",
        author);
    const auto outbox = fmt::format(
        R"({{"id":"outbox.json","type":"OrderedCollection","totalItems":{},"orderedItems":[{}]}})",
        notes.size(), fmt::join(notes, ","));
    // Those of one account begin alike.
    std::ofstream(path(), std::ios::binary)
        << packed("media/a.png", std::string(200'000, 'p')) << packed("actor.json", actor)
        << packed("outbox.json", outbox) << std::string(1'024, '\0');
  }
  [[nodiscard]] std::string path() const { return folder_ + "/archive.tar"; }

  // Broken off at the first word of how far it has come.
  Result<connect::ArchiveProgress> import(bool is_broken_off = false) {
    LINNET_TRY(const auto owner, connect::inspect_archive(path()));
    LINNET_TRY(auto writer, store::Writer::start(**database_));
    LINNET_TRY(const auto instance,
               find_or_add_instance(*writer, "https://example.social", "mastodon", clock_.now()));
    LINNET_TRY(auto ingest, Ingest::start(**database_, *writer, clock_, {}));
    connect::ArchiveOptions options;
    options.batch = 50;
    std::stop_source stop;
    auto progress = import_archive(
        **database_, *ingest, instance, path(), owner, options,
        [&](const connect::ArchiveProgress& /*now*/) {
          if (is_broken_off) stop.request_stop();
        },
        stop.get_token());
    LINNET_CHECK(ingest->drain());
    return progress;
  }
  std::int64_t number(std::string_view sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(-1);
  }

  ManualClock clock_{*parse_iso8601("2026-08-02T00:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
  std::string folder_;
};

INSTANTIATE_TEST_SUITE_P(Engines, ImportArchiveTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(ImportArchiveTest, AnotherOneUnderTheSameNameIsReadFromItsBeginning) {
  write("ada", {note("ada", 1, "one"), note("ada", 2, "two"), note("ada", 3, "three")});
  ASSERT_TRUE(import());
  write("bo", {note("bo", 11, "one"), note("bo", 12, "two"), note("bo", 13, "three"), note("bo", 14, "4")});
  EXPECT_EQ(import()->events, 4U);
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 7);
  // The same account later: one was deleted, one is new.
  write("ada", {note("ada", 2, "two"), note("ada", 3, "three"), note("ada", 4, "four")});
  EXPECT_EQ(import()->events, 3U);
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE id = '4'"), 1);
}

TEST_P(ImportArchiveTest, OneThatWasBrokenOffGoesOnWhereverItLies) {
  std::vector<std::string> notes;
  for (int i = 0; i < 1'000; ++i) notes.push_back(note("ada", 1'000 + i, std::string(300, 'x')));
  write("ada", notes);
  ASSERT_FALSE(import(true));
  const auto taken = number("SELECT count(*) FROM event_rows");
  ASSERT_GT(taken, 0);
  ASSERT_LT(taken, 1'000);
  const auto rest = import();
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_EQ(static_cast<std::int64_t>(rest->events), 1'000 - taken);
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 1'000) << "nothing is logged twice";
  EXPECT_EQ(import()->events, 1'000U) << "finished: the next one begins anew";
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 1'000);
}

}  // namespace
}  // namespace linnet::observe
