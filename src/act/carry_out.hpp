// One step of one attempt: claim and send, look up, verify. What the lanes of the dispatcher do, in order.
#pragma once

#include "act/lane.hpp"

namespace linnet::act {

// Judges the due attempt once more and, if nothing stands in the way, claims it, sends it, and writes down
// the outcome. True when it was sent.
Result<bool> carry_out(Lane& lane, const AttemptId& id, const std::stop_token& stop);
// Looks up whether what was sent took effect.
Status look_up(Lane& lane, const AttemptId& id, const std::stop_token& stop);
// Reads back what succeeded, a first and a second time.
Status verify(Lane& lane, const AttemptId& id, const std::stop_token& stop);
// What dead workers had in hand becomes unknown, to be looked up.
Status adopt_orphans(store::Writer& writer, Clock& clock, RequestEnds& ends, const std::string& worker,
                     const DispatcherOptions& options);
// What this worker left in progress because its outcome could not be written down becomes unknown too. From
// the account's own lane, between its jobs.
Status adopt_own(store::Writer& writer, Clock& clock, RequestEnds& ends, const std::string& worker,
                 const connect::AccountId& account);
// What is sealed in the attempt cannot be opened any more: it is not sent, and stands in no other's way. An
// unknown outcome stays for a person to settle.
Status settle_unreadable(store::Writer& writer, Clock& clock, const AttemptId& id);
// After trouble an account goes slowly; each day without more of it brings back a quarter of its pace.
Status recover_pace(store::Writer& writer, Clock& clock);
// Asks the platform whether the account's credentials still hold, and what its server takes.
Status check_credentials(Lane& lane, const connect::AccountId& account, const std::stop_token& stop);
// Reports what should have gone out and did not.
Status report_late(store::Writer& writer, Clock& clock, Duration late_after);

}  // namespace linnet::act
