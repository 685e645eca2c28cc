// The gate: nothing leaves Linnet but through it. A request is judged, written down with its verdict, and
// waits: for its time, for a person's word, or not at all. What carries it out is dispatcher.hpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "act/attempt_store.hpp"
#include "act/media_store.hpp"
#include "act/situation.hpp"
#include "base/clock.hpp"
#include "store/writer.hpp"

namespace linnet::act {

struct NewAction {
  model::ActionType type{};
  connect::AccountId account;
  model::TargetType target_type = model::TargetType::post;
  std::string target_id;               // the platform's own; empty for publish
  std::string target_name;             // of a person, where known
  std::string target_user_id;          // whom it reaches, where known
  std::vector<connect::Draft> drafts;  // one; several for a thread of posts
  std::optional<Instant> due_at;
  std::optional<Instant> expires_at;
  std::string run_id;       // of the run it belongs to; empty: one of its own
  std::string request_key;  // the client's own: the same again gives the same attempts
  bool by_hand = false;
  bool approve = false;      // whoever asks approves it at once; not for a first message to somebody
  std::string request_hash;  // the gate's own: of all that is asked for, where there is a key
};

struct Requester {
  std::string name;
  bool may_approve = false;
};

struct Requested {
  std::vector<Attempt> attempts;
  std::vector<Verdict> verdicts;  // of the first
  std::vector<std::vector<Verdict>> verdicts_of_each;
  Verdict decision;
  std::vector<Verdict> decisions;  // of each attempt; the first is `decision`
  std::string approval_id;         // of the first that waits for one
  bool is_repeat = false;          // the request key was known
};

enum class Word { approve, reject };

// A moment that has passed was mistyped more often than meant; clocks may differ a little.
Status refuse_past(Instant due_at, Instant now);

// Thread-safe.
class Gate {
 public:
  // All but `media` outlive the gate. `notify` is called after something became due; may be empty.
  Gate(store::Database& database, store::Writer& writer, Clock& clock, const SecretBox& box, BlockCheck check,
       std::function<void()> notify = {}, MediaStore media = {});

  // Errors: `invalid` (names the field), `not_found`, `conflict` (the same is under way or done; the request
  // key was used for something else). What the rules deny is no error: it is written down as skipped. With
  // `dry_run` nothing is written.
  Result<Requested> request(const NewAction& action, const Requester& who, bool dry_run);

  // A person's word on an approval, named by its own id or that of its action; `edited_text`, when given,
  // takes the place of the text and is judged anew.
  Result<Attempt> decide(const std::string& approval_id, Word word,
                         const std::optional<std::string>& edited_text, const std::string& comment,
                         const Requester& who);
  // The same word on the post and on all behind it in its thread that wait for one: for all or, when one of
  // them is denied, for none.
  Result<std::vector<Attempt>> decide_thread(const std::string& approval_id, Word word,
                                             const std::string& comment, const Requester& who);

  // Takes back what has not been sent, with what is behind it in its thread.
  Status cancel(const std::string& attempt_id, const Requester& who);
  // A failed or skipped one again, as a new attempt.
  Result<Requested> retry(const std::string& attempt_id, const Requester& who, bool by_hand);
  // A person looked: an unknown outcome is settled, or a success confirmed; kept as a manual verification.
  // `place` is the platform's id of what was made, where they say it; else it is looked for.
  Status confirm(const std::string& attempt_id, bool took_effect, const Requester& who,
                 const std::string& place = {});
  // Another time, still to come, for what is pending.
  Status reschedule(const std::string& attempt_id, Instant due_at, const Requester& who);

  Status stop_all(const Requester& who, const std::string& reason, bool cancel_queue);
  // Takes back everything that has not been sent.
  Status cancel_all(const Requester& who);
  Status resume_all(const Requester& who);

  // Requests for approval that nobody answered in time. Called by the dispatcher.
  Status expire_approvals();

  // The text of an attempt, of a direct message too: for those who may read it.
  Result<connect::Draft> draft_of(const Attempt& attempt) const;

 private:
  Result<Attempt> make_attempt(const NewAction& action, const ActingAccount& account, const Requester& who,
                               std::size_t step, const Attempt* before);
  Result<std::vector<connect::Draft>> drafts_from(store::Connection& connection,
                                                  const Attempt& attempt) const;
  Result<Requested> judge_request(store::Connection& connection, const NewAction& action,
                                  const ActingAccount& account, const Requester& who);
  Status write_request(store::Connection& connection, const NewAction& action, const ActingAccount& account,
                       const Requester& who, Requested& requested);
  Status request_within(store::Connection& connection, const NewAction& action, const Requester& who,
                        Requested& requested);
  // Whether what was done once has been undone elsewhere since: the dispatcher looks, for a moment it is
  // waited for.
  Result<bool> is_undone_elsewhere(const Attempt& wanted);
  Result<Attempt> decide_one(store::Connection& connection, Approval approval, Word word,
                             const std::optional<std::string>& edited_text, const std::string& comment,
                             const Requester& who);
  Status take_back(store::Connection& connection, Attempt& attempt, const Requester& who,
                   std::string_view what, std::string_view why = {});
  Status settle(store::Connection& connection, Attempt& attempt, model::ActionStatus to, const Requester& who,
                std::string_view what, std::string_view why = {});

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  SecretBox box_;
  BlockCheck check_;
  std::function<void()> notify_;
  MediaStore media_;
};

}  // namespace linnet::act
