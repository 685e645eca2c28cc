// What is put for a post: pictures, cards.
#include "connect/bluesky/acting_fixture.hpp"
#include "connect/bluesky/link_card.hpp"
#include "kit/media.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

class BlueskyPosts : public ActingBlueskyTest {
 protected:
  void say_page(const std::string& place, const std::string& html,
                const std::string& type = "text/html; charset=utf-8") {
    net::HttpResponse page;
    page.status = 200;
    page.headers.add("Content-Type", type);
    page.body = html;
    pds_.answers[place] = page;
  }
  void say_redirect(const std::string& place, const std::string& to) {
    net::HttpResponse moved;
    moved.status = 301;
    moved.headers.add("Location", to);
    pds_.answers[place] = moved;
  }
  json::object card_of(const std::string& link) {
    auto wanted = post("Read this");
    wanted.draft.link = link;
    const auto outcome = acting_->perform(wanted, {});
    EXPECT_EQ(outcome.kind, OutcomeKind::done) << outcome.error.safe;
    return pds_.put_record().at("embed").at("external").as_object();
  }
};

TEST_F(BlueskyPosts, PicturesSayTheirShape) {
  pds_.say("com.atproto.repo.uploadBlob", {{"blob", {{"$type", "blob"}}}});
  auto picture = post("A picture");
  picture.draft.media = {
      test::media_file("a.gif", "image/gif", std::string_view("GIF89a\x40\x01\xF0\0", 10), "a"),
      test::media_file("b.gif", "image/gif", "GIF89a", "b")};
  for (auto& file : picture.draft.media) {
    const auto uploaded = acting_->upload(file, picture, {});
    ASSERT_FALSE(uploaded.failure) << uploaded.failure->error.safe;
    file.uploaded_id = uploaded.id;
  }
  const auto outcome = acting_->perform(picture, {});
  ASSERT_EQ(outcome.kind, OutcomeKind::done) << outcome.error.safe;
  const auto record = pds_.put_record();
  const auto& images = record.at("embed").at("images").as_array();
  EXPECT_EQ(images.at(0).at("aspectRatio").at("width").as_int64(), 320);
  EXPECT_EQ(images.at(0).at("aspectRatio").at("height").as_int64(), 240);
  EXPECT_FALSE(images.at(1).as_object().contains("aspectRatio"));
}

TEST_F(BlueskyPosts, CardsSayWhatThePageSays) {
  say_page("blog.example 1",
           "<title>Page</title><meta property='og:title' content='A &amp; B'>"
           "<meta content=\"What it\n is about\" name=description>");
  auto card = card_of("https://blog.example/1");
  EXPECT_EQ(card.at("uri").as_string(), "https://blog.example/1");
  EXPECT_EQ(card.at("title").as_string(), "A & B");
  EXPECT_EQ(card.at("description").as_string(), "What it is about");
  say_redirect("short.example 2", "https://blog.example/1");
  card = card_of("https://short.example/2");
  EXPECT_EQ(card.at("uri").as_string(), "https://short.example/2");
  EXPECT_EQ(card.at("title").as_string(), "A & B");
  const auto& asked = pds_.requests.at(pds_.requests.size() - 2);
  EXPECT_EQ(asked.url, "https://blog.example/1");
  EXPECT_FALSE(asked.headers.find("Authorization"));
  EXPECT_EQ(asked.max_body_bytes, 512U << 10);
  EXPECT_EQ(asked.timeout, std::chrono::seconds(10));
}

TEST_F(BlueskyPosts, ACardNeedsNoPage) {
  say_page("blog.example pdf", "<title>x</title>", "application/pdf");
  say_page("blog.example bare", "<p>no title");
  say_redirect("blog.example loop", "https://blog.example/loop");
  say_redirect("blog.example file", "file:///etc/passwd");
  for (const auto* const link :
       {"https://blog.example/pdf", "https://blog.example/bare", "https://blog.example/loop",
        "https://blog.example/file", "https://gone.example/1"}) {
    const auto card = card_of(link);
    EXPECT_EQ(card.at("title").as_string(), link);
    EXPECT_EQ(card.at("description").as_string(), "");
  }
}

TEST(LinkCards, AreReadFromAnyHtml) {
  EXPECT_EQ(read_card("<title>Plain</title>").title, "Plain");
  EXPECT_EQ(read_card("<TITLE lang=de> Grüße \n &ndash; hier </TITLE><title>2</title>").title,
            "Grüße – hier");
  EXPECT_EQ(
      read_card("<title></title><meta name='OG:Title' content=''><meta name='og:title' content=b>").title,
      "b");
  EXPECT_EQ(read_card("<!-- <title>no</title> --><script>'<title>no</title>'</script>").title, "");
  EXPECT_EQ(read_card("<title>\xFF" + std::string(1000, 'x')).title.size(), 300U);
  for (const auto* const html : {"", "<title", "<title>", "<title/>", "<meta", "<meta content>"})
    EXPECT_EQ(read_card(html).title, "") << html;
}

}  // namespace
}  // namespace linnet::connect::bluesky
