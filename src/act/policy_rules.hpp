// The rules of the gate, each by itself. nullopt: nothing to say.
#pragma once

#include "act/policy.hpp"

namespace linnet::act::rules {

using Opinion = std::optional<Verdict>;

Opinion emergency_stop(const Action& action, const Situation& situation);
Opinion platform(const Action& action, const Situation& situation);
Opinion account_active(const Action& action, const Situation& situation);
Opinion expiry(const Action& action, const Situation& situation);
Opinion capability(const Action& action, const Situation& situation);
Opinion target(const Action& action, const Situation& situation);
Opinion opt_out(const Action& action, const Situation& situation);
Opinion blocklist(const Action& action, const Situation& situation);
Opinion consent(const Action& action, const Situation& situation);
Opinion already_done(const Action& action, const Situation& situation);
Opinion by_hand(const Action& action, const Situation& situation);
Opinion channel_limits(const Action& action, const Situation& situation);
Opinion duplicate_text(const Action& action, const Situation& situation);
Opinion approval(const Action& action, const Situation& situation);
Opinion circuit_breaker(const Action& action, const Situation& situation);
Opinion quiet_hours(const Action& action, const Situation& situation);
Opinion warm_up(const Action& action, const Situation& situation);
Opinion rate_limit(const Action& action, const Situation& situation);
Opinion cool_down(const Action& action, const Situation& situation);

}  // namespace linnet::act::rules
