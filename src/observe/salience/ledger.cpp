#include "observe/salience/ledger.hpp"

#include <algorithm>

namespace linnet::salience {
namespace {

// Of one event, topics that earn later come before those that earned first.
constexpr std::int64_t kPlacesOfEvent = 1'024;

}  // namespace

void Ledger::set(Settings settings) {
  settings_ = std::move(settings);
  forget();
}

void Ledger::forget() {
  topics_.clear();
  all_.clear();
  entries_.clear();
  changed_.clear();
}

void Ledger::settled() {
  for (auto* const topic : changed_) {
    topic->is_changed = topic->is_rearranged = false;
    topic->is_stored = true;
    topic->stored_balance = topic->balance;
    topic->stored_entries = topic->entries;
  }
  changed_.clear();
  entries_.clear();
}

Topic* Ledger::find(std::string_view key) {
  const auto found = topics_.find(key);
  return found == topics_.end() ? nullptr : found->second;
}

void Ledger::note_change(Topic& topic) {
  if (topic.is_changed) return;
  topic.is_changed = true;
  changed_.push_back(&topic);
}

Topic& Ledger::add_stored(Topic topic) {
  auto& added = all_.emplace_back(std::move(topic));
  added.is_stored = true;
  added.stored_balance = added.balance;
  added.stored_entries = added.entries;
  topics_.emplace(added.key, &added);
  return added;
}

Topic& Ledger::topic(std::string_view key, Instant seen_at, std::string_view owner) {
  auto* known = find(key);
  if (known == nullptr) {
    auto& made = all_.emplace_back();
    made.key = key;
    made.created_at = seen_at;
    made.has_members = true;
    topics_.emplace(made.key, &made);
    if (const auto parsed = parse_topic_key(key)) {
      made.category = parsed->category;
      made.is_global = parsed->is_global();
      const auto owners = owners_of(*parsed);
      for (std::size_t slot = 0; slot < owners.size(); ++slot) {
        if (!owners[slot].empty()) made.owners[slot] = &topic(owners[slot], seen_at);
      }
    }
    note_change(made);
    known = &made;
  }
  // A thread whose channel was not known when it was seen first.
  if (!owner.empty() && known->owners[0] == nullptr) {
    known->owners[0] = &topic(owner, seen_at);
    known->is_rearranged = true;
    note_change(*known);
  }
  return *known;
}

void Ledger::append_member(Topic& owner, Topic& member) {
  const auto slot = slot_of(member, owner);
  auto& links = member.links[slot];
  if (links.is_in) return;
  links = {owner.oldest, nullptr, true};
  if (owner.oldest != nullptr) owner.oldest->links[slot_of(*owner.oldest, owner)].behind = &member;
  owner.oldest = &member;
  if (owner.newest == nullptr) owner.newest = &member;
}

std::size_t Ledger::slot_of(const Topic& member, const Topic& owner) {
  const auto found = std::find(member.owners.begin(), member.owners.end(), &owner);
  return static_cast<std::size_t>(found - member.owners.begin());
}

void Ledger::unlink(Topic& topic, std::size_t slot) {
  auto& links = topic.links[slot];
  auto& owner = *topic.owners[slot];
  if (links.before != nullptr) {
    links.before->links[slot_of(*links.before, owner)].behind = links.behind;
  } else {
    owner.newest = links.behind;
  }
  if (links.behind != nullptr) {
    links.behind->links[slot_of(*links.behind, owner)].before = links.before;
  } else {
    owner.oldest = links.before;
  }
  links = {};
}

void Ledger::join(Topic& topic) {
  for (std::size_t slot = 0; slot < topic.owners.size(); ++slot) {
    auto* const owner = topic.owners[slot];
    if (owner == nullptr || !owner->has_members) continue;
    auto& links = topic.links[slot];
    if (links.is_in) unlink(topic, slot);
    links = {nullptr, owner->newest, true};
    if (owner->newest != nullptr) owner->newest->links[slot_of(*owner->newest, *owner)].before = &topic;
    owner->newest = &topic;
    if (owner->oldest == nullptr) owner->oldest = &topic;
  }
}

void Ledger::leave(Topic& topic) {
  for (std::size_t slot = 0; slot < topic.owners.size(); ++slot) {
    if (topic.links[slot].is_in) unlink(topic, slot);
  }
}

void Ledger::add(Topic& topic, EntryKind kind, Amount amount) {
  if (amount == 0) return;
  note_change(topic);
  topic.balance += amount;
  const auto index = static_cast<std::size_t>(kind);
  if (topic.open_event != event_) {
    topic.open_event = event_;
    topic.open.fill(-1);
  }
  if (index < topic.open.size() && topic.open[index] >= 0) {
    entries_[static_cast<std::size_t>(topic.open[index])].amount += amount;
    return;
  }
  if (index < topic.open.size()) topic.open[index] = static_cast<std::int32_t>(entries_.size());
  ++topic.entries;
  entries_.push_back({&topic, event_, kind, amount});
}

Amount Ledger::add_up_to_cap(Topic& topic, EntryKind kind, Amount amount) {
  const auto cap = cap_of(settings_.numbers, topic.category, topic.is_global);
  const auto added = std::min(amount, std::max<Amount>(cap - topic.balance, 0));
  add(topic, kind, added);
  return added;
}

void Ledger::mark_earned(Topic& topic) {
  topic.earned_place = event_ * kPlacesOfEvent + std::min(ordinal_++, kPlacesOfEvent - 1);
  topic.earned_at = std::max(topic.earned_at, at_);
  note_change(topic);
  if (is_warm(topic)) join(topic);
}

void Ledger::give_related(Topic& topic, Topic* beside, Amount propagated, Amount spilt) {
  if (propagated == 0 && spilt == 0) return;
  const auto most = static_cast<std::size_t>(settings_.numbers.propagated_to / kOne);
  related_.clear();
  std::array<Topic*, 4> fixed{topic.owners[0], topic.owners[1], topic.owners[2], beside};
  const auto end = std::remove_if(fixed.begin(), fixed.end(),
                                  [&](const Topic* one) { return one == nullptr || !is_warm(*one); });
  std::sort(fixed.begin(), end,
            [](const Topic* one, const Topic* other) { return one->earned_place > other->earned_place; });
  const auto* next = fixed.begin();
  for (auto* member = topic.newest; related_.size() < most;) {
    const bool takes_fixed =
        next != end && (member == nullptr || (*next)->earned_place > member->earned_place);
    if (takes_fixed) {
      related_.push_back(*next++);
    } else if (member != nullptr) {
      related_.push_back(member);
      member = member->links[slot_of(*member, topic)].behind;
    } else {
      break;
    }
  }
  for (auto* const one : related_) {
    if (propagated > 0) add_up_to_cap(*one, EntryKind::propagate, propagated);
    if (spilt > 0) add_up_to_cap(*one, EntryKind::spill, spilt);
  }
}

void Ledger::earn(Topic& topic, Amount amount, Topic* beside) {
  const bool is_first = topic.earned_place == 0;
  const auto earned = add_up_to_cap(topic, EntryKind::earn, amount);
  mark_earned(topic);
  warm_up(topic, is_first);
  give_related(topic, beside, scaled(earned, settings_.numbers.propagation),
               scaled(amount - earned, settings_.numbers.spill));
}

void Ledger::warm_up(Topic& topic, bool is_first) {
  if (topic.category == Category::dyad && !topic.is_global) warm_dyad(topic);
  const bool is_in_new_server = is_first && topic.category == Category::user && !topic.is_global;
  if (!is_in_new_server || topic.owners[0] == nullptr) return;
  auto& everywhere = *topic.owners[0];
  everywhere.is_rearranged = true;
  note_change(everywhere);
  if (++everywhere.servers != 2) return;
  add_up_to_cap(everywhere, EntryKind::warm, settings_.numbers.warmth);
  mark_earned(everywhere);
}

// Two people who are warm everywhere have something between them everywhere.
void Ledger::warm_dyad(Topic& dyad) {
  for (const auto slot : {std::size_t{0}, std::size_t{1}}) {
    const auto* const user = dyad.owners[slot];
    if (user == nullptr || user->owners[0] == nullptr || !is_warm(*user->owners[0])) return;
  }
  if (dyad.owners[2] == nullptr) {
    const auto parsed = parse_topic_key(dyad.key);
    if (!parsed) return;
    dyad.owners[2] = &topic(dyad_of({}, parsed->first, parsed->second), at_);
    dyad.is_rearranged = true;
    note_change(dyad);
    if (is_warm(dyad)) join(dyad);
  }
  auto& everywhere = *dyad.owners[2];
  if (is_warm(everywhere)) return;
  add_up_to_cap(everywhere, EntryKind::warm, settings_.numbers.warmth);
  mark_earned(everywhere);
}

void Ledger::apply(const Occasion& occasion) {
  event_ = occasion.event.value();
  at_ = occasion.at;
  ordinal_ = 0;
  for (const auto& earning : occasion.earnings) {
    auto& earner = topic(earning.topic, occasion.at, earning.owner);
    earn(earner, earning.amount, earning.beside.empty() ? nullptr : find(earning.beside));
  }
}

bool Ledger::decay(Topic& topic, std::int64_t event) {
  const auto& numbers = settings_.numbers;
  auto lost = scaled(topic.balance, numbers.decay);
  if (topic.balance - lost < numbers.gone_below) lost = topic.balance;
  if (lost <= 0) return false;
  event_ = event;
  add(topic, EntryKind::decay, -lost);
  if (!is_warm(topic)) leave(topic);
  return true;
}

void Ledger::spend(Topic& topic, std::int64_t tokens, std::int64_t event) {
  const auto& numbers = settings_.numbers;
  event_ = event;
  const auto before = std::max<Amount>(topic.balance, 0);
  const auto cost = std::min(std::max<std::int64_t>(tokens, 0) * numbers.token_cost, before);
  const auto retained = std::min({scaled(cost, numbers.retained), scaled(before, numbers.retained_most),
                                  cap_of(numbers, topic.category, topic.is_global)});
  add(topic, EntryKind::spend, -cost);
  add(topic, EntryKind::reset, cost - before);
  add(topic, EntryKind::retain, retained);
  if (!is_warm(topic)) leave(topic);
}

void Ledger::reset(Topic& topic, std::int64_t event) {
  event_ = event;
  add(topic, EntryKind::reset, -topic.balance);
  leave(topic);
}

}  // namespace linnet::salience
