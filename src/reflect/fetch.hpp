// What the steps of a layer read: words with where they come from and how private they are. Nothing wider
// than the layer may read leaves these functions, so that nothing private is ever in a prompt by mistake.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/secret_box.hpp"
#include "observe/salience/topic_key.hpp"
#include "reflect/insight.hpp"
#include "reflect/layer.hpp"
#include "store/connection.hpp"

namespace linnet::reflect {

// Something that somebody said or did, or that was understood before.
struct Passage {
  std::string who;  // as people of the place see them; "<chat>" of those who are not to be known by name
  std::string text;
  std::string where;            // the channel's name, or how it was seen
  std::string note;             // Linnet's own words: "a person corrected this", never a stranger's
  std::vector<Source> sources;  // one, but for what was counted
  Instant at{};
};

struct FetchContext {
  store::Connection& connection;
  Scope most = Scope::open;  // the layer's
  salience::TopicKey topic;
  std::string key;                 // of the topic, as text
  Instant until{};                 // nothing from then on
  const SecretBox* box = nullptr;  // for direct messages; without it there are none
  // Servers in which those alone are known by name who hold a certain role.
  const std::set<std::string, std::less<>>* gated_servers = nullptr;
};

// Oldest first.
Result<std::vector<Passage>> fetch_messages(const FetchContext& context, const LayerNode& node);
Result<std::vector<Passage>> fetch_direct_messages(const FetchContext& context, const LayerNode& node);
Result<std::vector<Passage>> fetch_posts(const FetchContext& context, const LayerNode& node);
Result<std::vector<Passage>> fetch_reactions(const FetchContext& context, const LayerNode& node);
// Those that people pinned first.
Result<std::vector<Passage>> fetch_insights(const FetchContext& context, const LayerNode& node);
Result<std::vector<Passage>> fetch_layer_runs(const FetchContext& context, const LayerNode& node);

}  // namespace linnet::reflect
