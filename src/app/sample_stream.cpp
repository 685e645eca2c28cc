#include "app/sample_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/sample_words.hpp"
#include "base/json_text.hpp"

namespace linnet::app {
namespace {

constexpr std::uint64_t kFirstId = 117'000'000'000'000'000;  // as Mastodon's ids: they grow with time
constexpr std::size_t kRecent = 4'000;  // posts that may still be edited, deleted, favourited

std::vector<double> zipf(std::size_t count, double exponent) {
  std::vector<double> cumulative(count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i)
    cumulative[i] = sum += 1.0 / std::pow(static_cast<double>(i + 1), exponent);
  return cumulative;
}

std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 33U;
  x *= 0xFF51AFD7ED558CCDU;
  x ^= x >> 33U;
  x *= 0xC4CEB9FE1A85EC53U;
  return x ^ (x >> 33U);
}

template <typename Words>
std::string_view word(const Words& words, std::uint64_t key) {
  return words[key % std::size(words)];
}

std::string tag_name(std::size_t tag) {
  const auto topic = word(kSampleTopics, tag);
  if (tag < std::size(kSampleTopics)) return std::string(topic);
  const auto moment = word(kSampleMoments, tag / std::size(kSampleTopics));
  const auto number = tag / (std::size(kSampleTopics) * std::size(kSampleMoments));
  return number == 0 ? fmt::format("{}{}", topic, moment) : fmt::format("{}{}{}", topic, moment, number);
}

std::string user_name(std::size_t account) {
  return fmt::format("{}_{}{}", word(kSampleFirstNames, account), word(kSampleLastNames, account / 24),
                     account / 480);
}

std::string_view server_of(std::size_t account) {
  return word(kSampleServers, mixed(account));
}

std::string acct_of(std::size_t account) {
  const auto server = server_of(account);
  return server.empty() ? user_name(account) : fmt::format("{}@{}", user_name(account), server);
}

}  // namespace

SampleStream::SampleStream(const SampleOptions& options)
    : options_(options),
      random_(options.seed),
      now_(options.start),
      account_weights_(zipf(options.accounts, 0.9)),
      tag_weights_(zipf(options.hashtags, 1.0)) {}

std::size_t SampleStream::pick(const std::vector<double>& cumulative) {
  const double x = std::uniform_real_distribution<>(0, cumulative.back())(random_);
  const auto place = std::upper_bound(cumulative.begin(), cumulative.end(), x);
  return std::min<std::size_t>(static_cast<std::size_t>(place - cumulative.begin()), cumulative.size() - 1);
}

std::vector<std::size_t> SampleStream::pick_tags() {
  std::vector<std::size_t> tags;
  const auto count = std::uniform_int_distribution<>(0, 4)(random_);
  // Each 40 minutes another hashtag has its moment.
  const auto moment = static_cast<std::uint64_t>(to_micros(now_) / 2'400'000'000);
  for (int i = 0; i < count; ++i) {
    const bool rides_the_trend = std::uniform_int_distribution<>(0, 9)(random_) == 0;
    const auto tag = rides_the_trend ? mixed(moment) % std::min<std::size_t>(options_.hashtags, 2'000)
                                     : pick(tag_weights_);
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
  }
  return tags;
}

SampleStream::Post SampleStream::new_post() {
  Post post{};
  post.id = kFirstId + static_cast<std::uint64_t>(to_micros(now_) / 1'000) * 65 + event_ % 64;
  post.account = pick(account_weights_);
  post.created_at = now_ - std::chrono::milliseconds(std::uniform_int_distribution<>(100, 2'000)(random_));
  post.created_at = std::chrono::floor<std::chrono::milliseconds>(post.created_at);
  post.tags = pick_tags();
  post.text_seed = random_();
  post.appeal = std::pow(std::uniform_real_distribution<>(0, 1)(random_), 12) * 40;
  if (!recent_.empty() && random_() % 5 == 0) post.in_reply_to = recent_post().id;
  return post;
}

SampleStream::Post& SampleStream::recent_post() {
  // Newer ones more often.
  const double x = std::uniform_real_distribution<>(0, 1)(random_);
  const auto back = static_cast<std::size_t>(x * x * static_cast<double>(recent_.size()));
  return recent_[recent_.size() - 1 - std::min(back, recent_.size() - 1)];
}

void SampleStream::grow(Post& post) {
  const auto more = [&](double mean) { return std::poisson_distribution<std::int64_t>(mean)(random_); };
  post.favourites += more(0.4 + post.appeal * 4);
  post.reblogs += more(0.15 + post.appeal * 1.5);
  post.replies += more(0.1 + post.appeal * 0.4);
}

std::string SampleStream::content_of(const Post& post) {
  std::uint64_t key = mixed(post.text_seed);
  std::string html = "<p>";
  html += word(kSampleOpenings, key);
  const auto sentences = 1 + key % 4;
  for (std::uint64_t i = 0; i < sentences; ++i) {
    key = mixed(key + i + 1);
    html += i == 1 ? "</p><p>" : " ";
    html += word(kSampleMiddles, key);
  }
  if (post.edits > 0)
    html += fmt::format(" Edit {}: corrected a mistake, thank you for telling me.", post.edits);
  html += "</p>";
  if (post.tags.empty()) return html;
  html += "<p>";
  for (const auto tag : post.tags) {
    const auto name = tag_name(tag);
    html += fmt::format(
        "<a href=\"https://social.example/tags/{0}\" class=\"mention hashtag\" "
        "rel=\"tag\">#<span>{0}</span></a> ",
        name);
  }
  html += "</p>";
  return html;
}

void SampleStream::write_account(std::size_t account, std::string& out) {
  const auto name = user_name(account);
  const auto server = server_of(account).empty() ? std::string_view("social.example") : server_of(account);
  const auto key = mixed(account);
  const auto image =
      fmt::format("https://files.social.example/accounts/avatars/{:03}/{:03}/{:03}/original/{:016x}.png",
                  account / 1'000'000, account / 1'000 % 1'000, account % 1'000, key);
  fmt::format_to(
      std::back_inserter(out),
      R"({{"id":"{0}","username":"{1}","acct":"{2}","display_name":"{3} {4}","locked":{5},"bot":{6},"discoverable":true,)"
      R"("indexable":true,"group":false,"created_at":"2023-04-{7:02}T00:00:00.000Z","note":"<p>{8} and {9}. {10}</p>",)"
      R"("url":"https://{11}/@{1}","uri":"https://{11}/users/{1}","avatar":"{12}","avatar_static":"{12}",)"
      R"("header":"{12}","header_static":"{12}","followers_count":{13},"following_count":{14},"statuses_count":{15},)"
      R"("last_status_at":"{16}","hide_collections":null,"noindex":false,"emojis":[],"roles":[],"fields":[)"
      R"({{"name":"Web","value":"<a href=\"https://{1}.example\" target=\"_blank\" rel=\"nofollow noopener noreferrer me\"><span class=\"invisible\">https://</span><span class=\"\">{1}.example</span></a>","verified_at":null}},)"
      R"({{"name":"Pronouns","value":"they/them","verified_at":null}}]}})",
      kFirstId / 10 + account, name, acct_of(account), word(kSampleFirstNames, account),
      word(kSampleLastNames, account / 24), key % 7 == 0, key % 23 == 0, 1 + key % 28,
      word(kSampleTopics, key), word(kSampleTopics, key / 64), word(kSampleMiddles, key / 4096), server,
      image, key % 5'000, key % 900, 100 + key % 3'000 + event_ / 1'000, to_iso8601(now_).substr(0, 10));
}

void SampleStream::write_status(const Post& post, std::string& out) {
  const auto server =
      server_of(post.account).empty() ? std::string_view("social.example") : server_of(post.account);
  const auto name = user_name(post.account);
  fmt::format_to(
      std::back_inserter(out),
      R"({{"id":"{}","created_at":"{}","in_reply_to_id":{},"in_reply_to_account_id":null,"sensitive":false,)"
      R"("spoiler_text":"","visibility":"public","language":"en","uri":"https://{}/users/{}/statuses/{}",)"
      R"("url":"https://{}/@{}/{}","replies_count":{},"reblogs_count":{},"favourites_count":{},)"
      R"("quotes_count":0,"edited_at":{},"content":)",
      post.id, to_iso8601(post.created_at),
      post.in_reply_to == 0 ? "null" : fmt::format("\"{}\"", post.in_reply_to), server, name, post.id, server,
      name, post.id, post.replies, post.reblogs, post.favourites,
      post.edits == 0 ? "null" : fmt::format("\"{}\"", to_iso8601(post.edited_at)));
  append_json_text(out, content_of(post));
  out += R"(,"filtered":[],"reblog":null,"application":{"name":"Web","website":null},"account":)";
  write_account(post.account, out);
  out += R"(,"media_attachments":[)";
  if (post.text_seed % 5 == 0) {
    fmt::format_to(
        std::back_inserter(out),
        R"({{"id":"{0}","type":"image","url":"https://files.social.example/media/{0}/original/{1:016x}.jpg",)"
        R"("preview_url":"https://files.social.example/media/{0}/small/{1:016x}.jpg","remote_url":null,)"
        R"("meta":{{"original":{{"width":1600,"height":1200,"size":"1600x1200","aspect":1.3333}}}},)"
        R"("description":"{2}","blurhash":"UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH"}})",
        post.id + 1, post.text_seed, word(kSampleOpenings, post.text_seed / 7));
  }
  out += R"(],"mentions":[)";
  if (post.text_seed % 4 == 0) {
    const auto other = mixed(post.text_seed) % options_.accounts;
    fmt::format_to(std::back_inserter(out),
                   R"({{"id":"{}","username":"{}","url":"https://social.example/@{}","acct":"{}"}})",
                   kFirstId / 10 + other, user_name(other), user_name(other), acct_of(other));
  }
  out += R"(],"tags":[)";
  for (std::size_t i = 0; i < post.tags.size(); ++i) {
    fmt::format_to(std::back_inserter(out), R"({}{{"name":"{}","url":"https://social.example/tags/{}"}})",
                   i > 0 ? "," : "", tag_name(post.tags[i]), tag_name(post.tags[i]));
  }
  out +=
      R"(],"emojis":[],"card":null,"poll":null,"quote":null,"quote_approval":{"automatic":["public"],"manual":[],"current_user":"automatic"}})";
}

void SampleStream::write_event(std::string_view kind, const std::string& payload, std::string& line) {
  line.clear();
  fmt::format_to(std::back_inserter(line), R"({{"received_at":"{}","event":"{}","payload":)",
                 to_iso8601(now_), kind);
  if (options_.payload_as_text || kind == "delete") {
    append_json_text(line, payload);
  } else {
    line += payload;
  }
  line += '}';
}

void SampleStream::next(std::string& line) {
  ++event_;
  now_ += options_.step;
  payload_.clear();
  const auto dice = random_() % 1'000;
  if (recent_.size() < 100 || dice < 850) {
    recent_.push_back(new_post());
    if (recent_.size() > kRecent) recent_.pop_front();
    write_status(recent_.back(), payload_);
    write_event("update", payload_, line);
    return;
  }
  Post& post = recent_post();
  if (dice < 930) {
    if (dice < 890 && !post.is_deleted) {
      ++post.edits;
      post.edited_at = std::chrono::floor<std::chrono::milliseconds>(now_);
    } else {
      grow(post);
    }
    write_status(post, payload_);
    write_event("status.update", payload_, line);
    return;
  }
  post.is_deleted = true;
  write_event("delete", std::to_string(post.id), line);
}

}  // namespace linnet::app
