// A Mastodon archive becomes events that the reader of Mastodon's events understands; what is none is
// refused.
#include "connect/archive/archive_import.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/arena.hpp"
#include "connect/archive/json_items.hpp"
#include "connect/event_reader.hpp"
#include "connect/mastodon/pretend_server.hpp"

namespace linnet::connect {
namespace {

using mastodon::KeepingSink;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kActor = R"({"@context":"https://www.w3.org/ns/activitystreams","type":"Person",
  "id":"https://example.social/users/ada","preferredUsername":"ada","name":"Ada L.","summary":"<p>Hi</p>",
  "url":"https://example.social/@ada","manuallyApprovesFollowers":false,"published":"2017-04-01T00:00:00Z",
  "icon":{"type":"Image","mediaType":"image/png","url":"avatar.png"}})";

constexpr const char* kNote =
    R"({"id":"https://example.social/users/ada/statuses/109/activity","type":"Create",
  "published":"2022-11-01T10:00:00Z","object":{"id":"https://example.social/users/ada/statuses/109","type":"Note",
  "summary":"cats","inReplyTo":"https://example.social/users/bob/statuses/55","published":"2022-11-01T10:00:00Z",
  "updated":"2022-11-02T10:00:00Z","url":"https://example.social/@ada/109","attributedTo":"https://example.social/users/ada",
  "to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://example.social/users/ada/followers"],
  "sensitive":true,"content":"<p>Look,<br>a ]} \" cat</p>","contentMap":{"de":"<p>…</p>"},
  "attachment":[{"type":"Document","mediaType":"image/png","url":"/media_attachments/files/109/304/275/688/051/809/original/x.png","name":"a cat"}],
  "tag":[{"type":"Hashtag","href":"https://example.social/tags/cats","name":"#Cats"},
         {"type":"Mention","href":"https://far.example/users/bob","name":"@bob@far.example"},{"type":"Emoji","name":":x:"}]}})";

std::string note(int id, std::string_view to = "https://www.w3.org/ns/activitystreams#Public") {
  return fmt::format(
      R"({{"type":"Create","published":"2022-11-01T10:00:00Z","object":{{"type":"Note","id":"https://example.social/users/ada/statuses/{}",)"
      R"("published":"2022-11-01T10:00:00Z","content":"<p>number {}</p>","to":["{}"],"cc":[]}}}})",
      id, id, to);
}

std::string outbox(const std::vector<std::string>& items) {
  return fmt::format(
      R"({{"@context":["x",{{"y":[1]}}],"id":"outbox.json","type":"OrderedCollection","totalItems":{},"orderedItems":[{}]}})",
      items.size(), fmt::join(items, ", "));
}

enum class Packing { zip, tar_gz };

class Folder {
 public:
  Folder() {
    std::string name = ::testing::TempDir() + "linnet-archive-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

  std::string pack(Packing packing, const std::vector<std::pair<std::string, std::string>>& entries) const {
    const auto path = file(packing == Packing::zip ? "archive.zip" : "archive.tar.gz");
    archive* writer = archive_write_new();
    if (packing == Packing::zip) {
      archive_write_set_format_zip(writer);
    } else {
      archive_write_add_filter_gzip(writer);
      archive_write_set_format_pax_restricted(writer);
    }
    archive_write_open_filename(writer, path.c_str());
    for (const auto& [name, content] : entries) {
      archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, name.c_str());
      archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_perm(entry, 0644);
      archive_write_header(writer, entry);
      archive_write_data(writer, content.data(), content.size());
      archive_entry_free(entry);
    }
    archive_write_free(writer);
    return path;
  }

 private:
  std::filesystem::path path_;
};

ArchiveOwner ada() {
  return read_archive_owner(kActor).value();
}

Result<ArchiveProgress> import_into(EventSink& sink, const std::string& path, ArchiveOptions options = {}) {
  std::stop_source stop;
  auto owner = inspect_archive(path);
  if (!owner) return owner.error();
  return import_archive(path, *owner, sink, options, {}, stop.get_token());
}

TEST(OutboxItem, becomes_a_status_that_the_event_reader_understands) {
  const auto event = read_outbox_item(kNote, ada()).value();
  ASSERT_EQ(event.outcome, OutboxEvent::Outcome::event);
  EventReader reader;
  Arena arena;
  const auto read = reader.read(event.line, *parse_iso8601("2026-08-01T00:00:00Z"), arena);
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(to_iso8601(read.received_at), "2022-11-02T10:00:00.000Z") << "when it was edited";
  const auto& post = read.posts.at(0);
  EXPECT_EQ(post.id, "109");
  EXPECT_EQ(post.in_reply_to_id, "55");
  EXPECT_EQ(to_iso8601(post.edited_at.value()), "2022-11-02T10:00:00.000Z");
  EXPECT_EQ(post.spoiler_text, "cats");
  EXPECT_EQ(post.language, "de");
  EXPECT_EQ(post.visibility, "public");
  EXPECT_TRUE(post.sensitive);
  EXPECT_EQ(post.content_text, "Look,\na ]} \" cat");
  EXPECT_THAT(post.hashtags, ElementsAre("cats"));
  EXPECT_EQ(post.mentions.at(0).acct, "bob@far.example");
  EXPECT_EQ(post.media.at(0).id, "109304275688051809");
  EXPECT_EQ(post.media.at(0).description, "a cat");
  EXPECT_EQ(post.author.username, "ada");
  EXPECT_FALSE(post.has_counts) << "nobody knows those of that moment";
  EXPECT_THAT(event.line, HasSubstr(R"("application":{"name":"archive"})"));
}

TEST(OutboxItem, leaves_out_direct_messages_and_boosts_of_others) {
  EXPECT_EQ(read_outbox_item(note(1, "https://far.example/users/bob"), ada())->outcome,
            OutboxEvent::Outcome::direct_message);
  EXPECT_EQ(
      read_outbox_item(
          R"({"type":"Announce","object":"https://far.example/1","published":"2022-11-01T10:00:00Z"})", ada())
          ->outcome,
      OutboxEvent::Outcome::boost_of_other);
  EXPECT_EQ(read_outbox_item(R"({"type":"Move"})", ada())->outcome, OutboxEvent::Outcome::other_activity);
}

TEST(OutboxItem, a_boost_of_an_own_post_holds_it_whole) {
  auto boost = note(5);
  boost.replace(boost.find("Create"), 6, "Announce");
  boost.insert(1, R"("id":"https://example.social/users/ada/statuses/6/activity",)");
  const auto event = read_outbox_item(boost, ada()).value();
  EventReader reader;
  Arena arena;
  const auto read = reader.read(event.line, Instant{}, arena);
  ASSERT_EQ(read.error, "");
  ASSERT_EQ(read.posts.size(), 2U);
  EXPECT_EQ(read.posts[0].id, "5");
  EXPECT_EQ(read.posts[1].id, "6");
}

TEST(OutboxItem, says_what_is_wrong) {
  for (
      const char* item :
      {"", "[]", "{", "{\"type\":\"Create\"}", "{\"type\":\"Create\",\"object\":7}",
       R"({"type":"Create","object":{"type":"Note","id":"https://x/1","to":["as:Public"]}})",
       R"({"type":"Create","object":{"type":"Note","id":"https://x/1","to":["as:Public"],"content":"x","published":"soon"}})",
       R"({"type":"Create","object":{"type":"Note","to":["as:Public"],"content":"x","published":"2022-11-01T10:00:00Z"}})"}) {
    const auto event = read_outbox_item(item, ada());
    ASSERT_FALSE(event.ok()) << item;
    EXPECT_EQ(event.error().kind, ErrorKind::invalid);
  }
}

TEST(OutboxItem, takes_the_account_from_the_actor) {
  EXPECT_EQ(ada().instance_url, "https://example.social");
  EXPECT_EQ(ada().account_id, "ada") << "old addresses do not tell the id";
  auto newer = std::string(kActor);
  newer.replace(newer.find("/users/ada"), 10, "/ap/users/117020457910412882");
  EXPECT_EQ(read_archive_owner(newer)->account_id, "117020457910412882");
  for (const char* actor :
       {"", "{}", "[]", R"({"id":"nonsense","preferredUsername":"x"})", R"({"id":"https://x/y"})"}) {
    EXPECT_FALSE(read_archive_owner(actor).ok()) << actor;
  }
}

TEST(ArchiveImport, reads_zip_and_tar_and_can_be_resumed) {
  const Folder folder;
  std::vector<std::string> items;
  for (int id = 1; id <= 1'234; ++id) items.push_back(note(id));
  items.push_back(note(9'999, "https://far.example/users/bob"));
  items.push_back(
      R"({"type":"Create","object":{"type":"Note","content":5,"to":["as:Public"],"id":"https://x/1"}})");
  for (const auto packing : {Packing::zip, Packing::tar_gz}) {
    // In either order, and in a folder as some servers do.
    const auto path = folder.pack(packing, {{"media/x.png", std::string(100'000, 'x')},
                                            {"export/outbox.json", outbox(items)},
                                            {"export/actor.json", kActor}});
    KeepingSink sink;
    const auto progress = import_into(sink, path).value();
    EXPECT_EQ(progress.items, 1'236U);
    EXPECT_EQ(progress.events, 1'234U);
    EXPECT_EQ(progress.direct_messages, 1U);
    EXPECT_EQ(progress.failed, 1U);
    EXPECT_EQ(sink.lines().size(), 1'235U) << "the one that failed is in the log as well";
    EXPECT_EQ(sink.cursors().back(), "1236");

    KeepingSink rest;
    ArchiveOptions options;
    options.skip_items = std::stoull(sink.cursors().front());
    EXPECT_EQ(import_into(rest, path, options)->events, 1'234U - 500U);
    auto lines = sink.lines();
    lines.erase(lines.begin(), lines.begin() + 500);
    EXPECT_EQ(rest.lines(), lines);
  }
}

TEST(ArchiveImport, refuses_a_zip_bomb) {
  const Folder folder;
  const std::string bomb = R"({"orderedItems":[")" + std::string(200U << 20U, '0') + "\"]}";
  const auto path = folder.pack(Packing::zip, {{"actor.json", kActor}, {"outbox.json", bomb}});
  ASSERT_LT(std::filesystem::file_size(path), 1U << 20U);
  KeepingSink sink;
  const auto refused = import_into(sink, path);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().safe, HasSubstr("more than a real archive"));
  const auto actor_bomb = folder.pack(Packing::tar_gz, {{"actor.json", bomb}, {"outbox.json", "{}"}});
  EXPECT_FALSE(inspect_archive(actor_bomb).ok());
}

TEST(ArchiveImport, keeps_to_its_limits_of_size_and_number) {
  const Folder folder;
  const auto path = folder.pack(
      Packing::zip, {{"a", "1"}, {"b", "2"}, {"actor.json", kActor}, {"outbox.json", outbox({note(1)})}});
  ArchiveLimits few;
  few.max_entries = 2;
  EXPECT_FALSE(inspect_archive(path, few).ok());
  KeepingSink sink;
  ArchiveOptions options;
  options.limits.max_unpacked_bytes = 100;
  EXPECT_FALSE(import_into(sink, path, options).ok());
}

TEST(ArchiveImport, knows_the_exports_of_other_networks_and_says_so) {
  const Folder folder;
  const std::pair<const char*, const char*> cases[] = {
      {"data/tweets.js", "X (Twitter)"}, {"repo.car", "Bluesky"}, {"package/messages/index.json", "Discord"}};
  for (const auto& [entry, network] : cases) {
    const auto refused = inspect_archive(folder.pack(Packing::zip, {{entry, "{}"}}));
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().safe, HasSubstr(std::string(network) + " is not supported yet"));
  }
  EXPECT_THAT(inspect_archive("/x/ada.car").error().safe, HasSubstr("Bluesky"));
}

TEST(ArchiveImport, refuses_what_is_no_archive) {
  const Folder folder;
  std::ofstream(folder.file("text.zip")) << "just text";
  std::ofstream(folder.file("empty.zip"));
  EXPECT_FALSE(inspect_archive(folder.file("text.zip")).ok());
  EXPECT_FALSE(inspect_archive(folder.file("empty.zip")).ok());
  EXPECT_EQ(inspect_archive(folder.file("missing.zip")).error().kind, ErrorKind::not_found);
  EXPECT_THAT(inspect_archive(folder.pack(Packing::zip, {{"other.txt", "x"}})).error().safe,
              HasSubstr("outbox.json"));
  const auto whole =
      folder.pack(Packing::zip, {{"actor.json", kActor}, {"outbox.json", outbox({note(1), note(2)})}});
  std::filesystem::resize_file(whole, std::filesystem::file_size(whole) / 2);
  KeepingSink sink;
  EXPECT_FALSE(import_into(sink, whole).ok());
}

TEST(ArchiveImport, an_outbox_that_ends_early_keeps_what_was_read) {
  const Folder folder;
  auto text = outbox({note(1), note(2), note(3)});
  text.resize(text.size() - 150);
  KeepingSink sink;
  const auto refused =
      import_into(sink, folder.pack(Packing::zip, {{"actor.json", kActor}, {"outbox.json", text}}));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().safe, HasSubstr("ends early"));
  EXPECT_EQ(sink.lines().size(), 2U);
}

std::vector<std::string> items_of(std::string_view text, std::size_t piece, bool* ok = nullptr) {
  std::vector<std::string> items;
  JsonItems reader([&](std::string_view item) {
    items.emplace_back(item);
    return Status();
  });
  Status fed;
  for (std::size_t at = 0; at < text.size() && fed; at += piece) fed = reader.feed(text.substr(at, piece));
  if (ok != nullptr) *ok = fed.ok() && reader.finish().ok();
  return items;
}

TEST(JsonItems, finds_the_items_wherever_the_pieces_are_cut) {
  const std::string text =
      "\xEF\xBB\xBF {\"a\\\"b\" : {\"orderedItems\":[9]}, \"n\":-1.5e3,\"s\":\"]}\\\\\",\n"
      " \"orderedItems\" : [ {\"x\":\"}]\\\"\"} ,7, \"t,]\" , [1,[2]] ,null ] , \"z\":[[]] } ";
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    bool ok = false;
    EXPECT_THAT(items_of(text, piece, &ok), ElementsAre(R"({"x":"}]\""})", "7", "\"t,]\"", "[1,[2]]", "null"))
        << piece;
    EXPECT_TRUE(ok) << piece;
  }
}

TEST(JsonItems, refuses_other_documents) {
  for (const char* text : {"", "[]", "{}", "{\"orderedItems\":{}}", "{\"orderedItems\":[1",
                           "{\"orderedItems\":[1]", "x", "{7}"}) {
    bool ok = true;
    static_cast<void>(items_of(text, 3, &ok));
    EXPECT_FALSE(ok) << text;
  }
}

TEST(JsonItems, leaves_out_an_item_that_is_too_large) {
  std::vector<std::string> items;
  JsonItems reader(
      [&](std::string_view item) {
        items.emplace_back(item);
        return Status();
      },
      100);
  const std::string text =
      R"({"orderedItems":[1,")" + std::string(5'000, 'x') + R"(",[)" + std::string(300, '1') + "],2]}";
  ASSERT_TRUE(reader.feed(text).ok());
  EXPECT_TRUE(reader.finish().ok());
  EXPECT_THAT(items, ElementsAre("1", "2"));
  EXPECT_EQ(reader.too_large(), 2U);
}

RC_GTEST_PROP(JsonItems, any_bytes_come_back_the_same_however_they_are_cut, (const std::string& noise)) {
  const auto text = "{\"orderedItems\":[" + noise;
  const auto piece = *rc::gen::inRange<std::size_t>(1, 8);
  RC_ASSERT(items_of(text, piece) == items_of(text, text.size()));
}

}  // namespace
}  // namespace linnet::connect
