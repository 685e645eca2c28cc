// Lists of posts against a plain look at every post: random posts, random combinations of every operator.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "analyze/followers.hpp"
#include "analyze/post_list.hpp"
#include "base/text.hpp"
#include "kit/test_database.hpp"

namespace linnet::analyze {
namespace {

using std::chrono::minutes;
using store::Engine;
using store::Value;

const Instant kBegin = *parse_iso8601("2026-08-10T00:00:00Z");
constexpr const char* kWords[] = {"harbour", "boat", "boats", "spam", "bread", "oven"};
constexpr const char* kTags[] = {"books", "boats", "köln"};
constexpr const char* kLanguages[] = {"", "de", "de-AT", "DE", "en", "en_GB", "zh-Hant-TW", "zh-Hans"};
// The third is from elsewhere, and written with a capital and an umlaut.
constexpr const char* kAuthors[] = {"ada", "bo", "Cai@bücher.example"};

template <typename T, std::size_t N>
T any_of(const T (&list)[N], std::minstd_rand& random) {
  return list[random() % N];
}

struct PostSketch {
  int instance = 1;
  std::size_t author = 0;
  int minute = 0;
  int score = 0;
  bool is_deleted = false;
  std::string language;
  std::vector<std::string> words, tags;
};

PostSketch any_post(std::minstd_rand& random) {
  PostSketch post;
  post.instance = 1 + static_cast<int>(random() % 2);
  post.author = random() % 3;
  post.minute = static_cast<int>(random() % 50);
  post.score = static_cast<int>(random() % 4);
  post.is_deleted = random() % 10 == 0;
  post.language = any_of(kLanguages, random);
  for (std::size_t i = 0, count = random() % 5; i < count; ++i)
    post.words.emplace_back(any_of(kWords, random));
  for (const auto* tag : kTags) {
    if (random() % 2 == 0) post.tags.emplace_back(tag);
  }
  return post;
}

// One term of a query, and what it means of one post.
struct Term {
  std::string kind, value, second;
  bool is_excluded = false;

  [[nodiscard]] std::string text() const {
    const std::string sign = is_excluded ? "-" : "";
    if (kind == "word") return sign + value;
    if (kind == "prefix") return sign + value + "*";
    if (kind == "phrase") return fmt::format("{}\"{} {}\"", sign, value, second);
    if (kind == "tag") return sign + "#" + value;
    return fmt::format("{}{}:{}", sign, kind, value);
  }

  [[nodiscard]] bool holds(const PostSketch& post) const {
    const auto has_word = [&](auto test) { return std::any_of(post.words.begin(), post.words.end(), test); };
    // Hashtags and the author's address are words of the index, too.
    const auto has_tag = [&](auto test) { return std::any_of(post.tags.begin(), post.tags.end(), test); };
    if (kind == "word") {
      const auto same = [&](const std::string& word) { return word == value; };
      return has_word(same) || has_tag(same);
    }
    if (kind == "prefix") {
      const auto begins = [&](const std::string& word) { return word.starts_with(value); };
      return has_word(begins) || has_tag(begins) || std::string(kAuthors[post.author]).starts_with(value);
    }
    if (kind == "phrase") {
      for (std::size_t i = 0; i + 1 < post.words.size(); ++i) {
        if (post.words[i] == value && post.words[i + 1] == second) return true;
      }
      return false;
    }
    if (kind == "tag") return has_tag([&](const std::string& tag) { return tag == value; });
    if (kind == "from") return value == kAuthors[post.author];
    return within_language(post.language);
  }

 private:
  [[nodiscard]] bool within_language(const std::string& language) const {
    static const std::map<std::string, std::set<std::string>> kWithin{{"de", {"de", "de-AT", "DE"}},
                                                                      {"de-at", {"de-AT"}},
                                                                      {"EN", {"en", "en_GB"}},
                                                                      {"zh", {"zh-Hant-TW", "zh-Hans"}},
                                                                      {"zh-TW", {"zh-Hant-TW"}}};
    return kWithin.at(value).contains(language);
  }
};

Term any_term(std::minstd_rand& random) {
  constexpr const char* kKinds[] = {"word", "prefix", "phrase", "tag", "from", "lang"};
  constexpr const char* kAsked[] = {"de", "de-at", "EN", "zh", "zh-TW"};
  constexpr const char* kBeginnings[] = {"boa", "s", "har", "boats"};
  Term term;
  term.kind = any_of(kKinds, random);
  term.is_excluded = random() % 3 == 0;
  term.second = any_of(kWords, random);
  term.value = term.kind == "tag"      ? any_of(kTags, random)
               : term.kind == "from"   ? any_of(kAuthors, random)
               : term.kind == "lang"   ? any_of(kAsked, random)
               : term.kind == "prefix" ? any_of(kBeginnings, random)
                                       : any_of(kWords, random);
  return term;
}

// Authors and languages: one of them; of everything else all; nothing that is excluded.
bool fits(const std::vector<Term>& terms, const PostSketch& post) {
  for (const std::string kind : {"from", "lang"}) {
    bool is_asked = false;
    bool is_found = false;
    for (const auto& term : terms) {
      if (term.kind != kind || term.is_excluded) continue;
      is_asked = true;
      is_found = is_found || term.holds(post);
    }
    if (is_asked && !is_found) return false;
  }
  return std::all_of(terms.begin(), terms.end(), [&](const Term& term) {
    if (term.is_excluded) return !term.holds(post);
    return term.kind == "from" || term.kind == "lang" || term.holds(post);
  });
}

class PostPageTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    run([](store::Connection& connection) -> Status {
      for (const auto* url : {"https://one.example", "https://two.example"})
        LINNET_CHECK(store::run(connection, "INSERT INTO instances (base_url, created_at) VALUES ($1, 0)",
                                {std::string_view(url)}));
      for (const std::int64_t instance : {1, 2}) {
        for (std::size_t i = 0; i < std::size(kAuthors); ++i) {
          LINNET_CHECK(
              store::run(connection,
                         R"(INSERT INTO platform_users (instance_id, id, username, acct, discovered_at,
                              last_seen_at, last_updated_at)
                            VALUES ($1, $2, 'u', $3, 0, 0, 0))",
                         {instance, std::string_view(std::to_string(i)), std::string_view(kAuthors[i])}));
        }
        for (std::size_t i = 0; i < std::size(kTags); ++i)
          LINNET_CHECK(store::run(
              connection, "INSERT INTO hashtags (id, instance_id, name) VALUES ($1, $2, $3)",
              {instance * 10 + static_cast<std::int64_t>(i), instance, std::string_view(kTags[i])}));
      }
      return {};
    });
  }

  void run(const std::function<Status(store::Connection&)>& work) {
    auto connection = (*database_)->connect(store::Part::tables);
    ASSERT_TRUE(connection);
    auto transaction = store::Transaction::begin(**connection);
    ASSERT_TRUE(transaction);
    const auto done = work(**connection);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(transaction->commit());
  }

  static std::string joined(const std::vector<std::string>& parts, std::string_view sign) {
    return fmt::format("{}", fmt::join(parts, sign));
  }

  void insert(const std::vector<PostSketch>& posts) {
    posts_ = posts;
    run([&](store::Connection& connection) -> Status {
      for (std::size_t i = 0; i < posts.size(); ++i) LINNET_CHECK(insert(connection, posts[i], i));
      return {};
    });
    auto reader = (*database_)->reader();
    auto search = (*database_)->connect(store::Part::search);
    ASSERT_TRUE(reader && search);
    bool more = true;
    while (more) {
      const auto followed = follow_with_search(**reader, **search, 1'000);
      ASSERT_TRUE(followed) << followed.error().message;
      more = *followed;
    }
  }

  static Status insert(store::Connection& connection, const PostSketch& post, std::size_t number) {
    const auto id = std::to_string(1'000 + number);
    const auto text = joined(post.words, " ");
    const auto tags = post.tags.empty() ? std::string() : "[\"" + joined(post.tags, "\",\"") + "\"]";
    const auto created = to_micros(kBegin + minutes(post.minute));
    LINNET_CHECK(store::run(
        connection,
        R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at, last_extracted_at,
             content_type, counts_at, replies_count, reblogs_count, favourites_count, engagement_score,
             version_seq, valid_from, content_hash, content_text, hashtags, language, deleted_at)
           VALUES ($1, $2, $3, $4, $4, $4, 'text', $4, 0, 0, 0, $5, 1, $4, 0, $6, $7, $8, $9))",
        {std::int64_t{post.instance}, std::string_view(id), std::string_view(std::to_string(post.author)),
         created, std::int64_t{post.score}, std::string_view(text),
         tags.empty() ? Value() : Value(std::string_view(tags)),
         post.language.empty() ? Value() : Value(std::string_view(post.language)),
         post.is_deleted ? Value(created) : Value()}));
    for (const auto& tag : post.tags) {
      LINNET_CHECK(
          store::run(connection,
                     R"(INSERT INTO post_hashtags (instance_id, hashtag_id, created_at, post_id)
                        SELECT instance_id, id, $1, $2 FROM hashtags
                        WHERE instance_id = $3 AND name = $4)",
                     {created, std::string_view(id), std::int64_t{post.instance}, std::string_view(tag)}));
    }
    return {};
  }

  // Ids in the order of the pages; they are read three posts at a time.
  std::vector<std::string> listed(PostFilter filter) {
    std::vector<std::string> ids;
    filter.limit = 3;
    auto reader = (*database_)->reader();
    while (true) {
      const auto page = list_posts(**reader, filter);
      if (!page) {
        ADD_FAILURE() << filter.query << ": " << page.error().message;
        return ids;
      }
      for (const auto& post : page->items) ids.push_back(post.id);
      if (!page->next) return ids;
      filter.cursor = *page->next;
    }
  }

  template <typename Fits>
  std::vector<std::string> expected(bool by_engagement, Fits fits_post) {
    std::vector<std::tuple<int, std::size_t>> found;
    for (std::size_t i = 0; i < posts_.size(); ++i) {
      const auto& post = posts_[i];
      if (post.is_deleted || !fits_post(post) || (by_engagement && post.score == 0)) continue;
      found.emplace_back(by_engagement ? post.score : post.minute, i);
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> ids;
    for (const auto& [figure, number] : found) ids.push_back(std::to_string(1'000 + number));
    return ids;
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::vector<PostSketch> posts_;
};

INSTANTIATE_TEST_SUITE_P(Engines, PostPageTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(PostPageTest, EveryCombinationOfOperatorsFindsWhatAPlainLookFinds) {
  std::minstd_rand random(7);
  std::vector<PostSketch> posts(120);
  for (auto& post : posts) post = any_post(random);
  insert(posts);
  std::size_t found = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<Term> terms(1 + random() % 4);
    PostFilter filter;
    for (auto& term : terms) {
      term = any_term(random);
      filter.query += (filter.query.empty() ? "" : " ") + term.text();
    }
    filter.by_engagement = random() % 4 == 0;
    const auto ids =
        expected(filter.by_engagement, [&](const PostSketch& post) { return fits(terms, post); });
    ASSERT_EQ(listed(filter), ids) << filter.query << (filter.by_engagement ? " by engagement" : "");
    found += ids.size();
  }
  EXPECT_GT(found, 1'000U);
}

TEST_P(PostPageTest, FiltersBesideAQueryAreFurtherConditions) {
  std::minstd_rand random(11);
  std::vector<PostSketch> posts(120);
  for (auto& post : posts) post = any_post(random);
  insert(posts);
  PostFilter filter;
  filter.query = "#books from:ada lang:de";
  filter.tag = "#Boats";
  const auto has = [](const PostSketch& post, const char* tag) {
    return std::find(post.tags.begin(), post.tags.end(), tag) != post.tags.end();
  };
  const auto is_german = [](const PostSketch& post) { return fold_case(post.language).starts_with("de"); };
  EXPECT_EQ(listed(filter), expected(false, [&](const PostSketch& post) {
              return has(post, "books") && has(post, "boats") && post.author == 0 && is_german(post);
            }));
  filter = {};
  filter.author = "@CAI@xn--bcher-kva.example";
  filter.language = "De";
  EXPECT_EQ(listed(filter),
            expected(false, [&](const PostSketch& post) { return post.author == 2 && is_german(post); }));
  filter.query = "from:bo";
  EXPECT_EQ(listed(filter), std::vector<std::string>());
}

// On Bluesky a post may bear a tag with its accents and without them.
TEST_P(PostPageTest, APostThatBearsBothSpellingsOfATagIsFoundOnce) {
  const auto done =
      store::Writer::start(**database_).value()->write([](store::Connection& connection) -> Status {
        LINNET_CHECK(connection.execute(
            R"(INSERT INTO hashtags (id, instance_id, name) VALUES (900, 1, 'café'), (899, 1, 'cafe'))"));
        for (const auto& [id, tag] : {std::pair(10, 900), std::pair(11, 899), std::pair(12, 900),
                                      std::pair(12, 899), std::pair(13, 899), std::pair(13, 900)}) {
          LINNET_CHECK(connection.execute(fmt::format(
              R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at,
                   last_extracted_at, content_type, counts_at, replies_count, reblogs_count,
                   favourites_count, engagement_score, version_seq, valid_from, content_hash)
                 VALUES (1, 'c{0}', '1', {0}, 1, 1, 'text', 1, 0, 0, 0, {0}, 1, 1, 0)
                 ON CONFLICT DO NOTHING; INSERT INTO post_hashtags (instance_id, hashtag_id, created_at,
                   post_id)
                 VALUES (1, {1}, {0}, 'c{0}'))",
              id, tag)));
        }
        return {};
      });
  ASSERT_TRUE(done) << done.error().message;
  const std::vector<std::string> all{"c13", "c12", "c11", "c10"};
  EXPECT_EQ(listed({.tag = "café"}), all);
  EXPECT_EQ(listed({.tag = "café", .by_engagement = true}), all);
  EXPECT_EQ(listed({.tag = "cafe"}), (std::vector<std::string>{"c13", "c12", "c11"}));
}

TEST_P(PostPageTest, RefusesWhatItDoesNotUnderstand) {
  auto reader = (*database_)->reader();
  PostFilter filter;
  filter.language = "german";
  const auto language = list_posts(**reader, filter);
  ASSERT_FALSE(language);
  EXPECT_TRUE(language.error().message.starts_with("language: expected")) << language.error().message;
  filter = {};
  filter.query = "has:image";
  EXPECT_FALSE(list_posts(**reader, filter));
}

}  // namespace
}  // namespace linnet::analyze
