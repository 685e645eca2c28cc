#include "observe/event_sieve.hpp"

#include <algorithm>

#include "connect/private_lines.hpp"

namespace linnet::observe {
namespace {

bool says_it_is_private(const model::Event& event) {
  return std::any_of(event.posts.begin(), event.posts.end(), [](const model::PostSighting& post) {
    return model::reach_of(post.visibility.value_or("")) != model::Reach::everyone;
  });
}

}  // namespace

std::optional<model::Event> EventSieve::read(const RawEvent& raw, Instant now, Arena& arena,
                                             std::string_view& line) {
  line = raw.line;
  auto event = reader_.read(raw.instance, line, now, arena);
  if (is_own(raw.instance)) return event;
  // Whoever read it understood all that could make it private.
  if (event.kind == model::EventKind::chat && event.error.empty()) return event;
  if (!says_it_is_private(event) && !connect::may_be_private(line, widest_)) return event;
  const auto kept = connect::without_private(line, widest_);
  if (kept.kept == connect::KeptLine::Kept::nothing) return {};
  if (kept.kept == connect::KeptLine::Kept::whole) return event;
  line = arena.copy(kept.line);
  return reader_.read(raw.instance, line, now, arena);
}

}  // namespace linnet::observe
