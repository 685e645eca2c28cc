// What Linnet can think about, by names that say what they are:
//
//   server:S:user:U   server:S:channel:C   server:S:thread:T   server:S:role:R   server:S:emoji:E
//   server:S:dyad:A:B (A < B)   server:S:user_in_channel:C:U   server:S:subject:NAME
//   user:U   dyad:A:B   self                   of no server
//   hashtag:NAME   account:INSTANCE:ID         of Mastodon and Bluesky; the instance by its host
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.hpp"
#include "base/result.hpp"

namespace linnet::salience {

enum class Category {
  user,
  channel,
  thread,
  dyad,
  user_in_channel,
  subject,
  role,
  emoji,
  self,
  hashtag,
  account
};
BOOST_DESCRIBE_ENUM(Category, user, channel, thread, dyad, user_in_channel, subject, role, emoji, self,
                    hashtag, account)

struct TopicKey {
  Category category = Category::self;
  std::string server;  // empty: of none
  std::string first;   // the id; of a dyad the lesser one, of user_in_channel the channel, else the only one
  std::string second;  // of a dyad the greater one, of user_in_channel the user

  [[nodiscard]] bool is_global() const {
    return server.empty() && (category == Category::user || category == Category::dyad);
  }
  friend bool operator==(const TopicKey&, const TopicKey&) = default;
};

std::string to_string(const TopicKey& key);
// `invalid` says what was expected.
Result<TopicKey> parse_topic_key(std::string_view text);

// One kind of thing of a server, or of none where that is empty.
std::string topic_of(Category category, std::string_view server, std::string_view id);
// The two in the order that the key has, whichever is given first.
std::string dyad_of(std::string_view server, std::string_view one, std::string_view other);
std::string user_in_channel_of(std::string_view server, std::string_view channel, std::string_view user);
std::string account_of(std::string_view host, std::string_view id);

// Whom a topic is about: those who are erased with it.
std::vector<std::string_view> people_in(const TopicKey& key);

// What the topic belongs to, as far as the key tells: a dyad to both users, user_in_channel to the user and
// the channel, a user of a server to the user of all servers. A thread's channel is not in its key. An empty
// text is none.
std::array<std::string, 3> owners_of(const TopicKey& key);

// A subject as keys have it: "Book Club!" is "book_club"; in any language. Empty where nothing is left of it,
// or less than two letters.
std::string subject_name(std::string_view written);

}  // namespace linnet::salience
