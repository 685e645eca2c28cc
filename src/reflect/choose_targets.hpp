// What to think about: topics by salience, within a budget for each server («Choosing what to think about»).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "observe/salience/numbers.hpp"
#include "observe/salience/topic_key.hpp"
#include "reflect/layer.hpp"
#include "store/connection.hpp"

namespace linnet::reflect {

// A topic that could be thought about.
struct Candidate {
  salience::TopicKey topic;
  std::string key;
  salience::Amount balance = 0;
  TopicFacts facts;
};

// Those that the ledger knows, with at least the balance that is worth a thought, and what the layer's
// category of insights knows of them.
Result<std::vector<Candidate>> read_candidates(store::Connection& connection,
                                               const salience::Numbers& numbers, const Layer& layer,
                                               Instant now);

// The keys of the layer's targets, highest balance first. Pure. Every group of topics of a server (social,
// spaces, semantic, culture) takes those with the highest balance until its share of the budget is gone; what
// is left is shared out, in proportion to what would cost more, until nothing more fits. Topics that the
// layer's filter leaves out take no share. People of all servers have a budget of their own; so has `self`. A
// person who is chosen on a server is not chosen for all of them as well.
std::vector<std::string> choose_targets(std::span<const Candidate> candidates, const Layer& layer,
                                        const salience::Numbers& numbers);

}  // namespace linnet::reflect
