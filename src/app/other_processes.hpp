// What the processes on one database tell each other, besides what stands in it: batches that were applied,
// for those who listen live, and tries to sign in, so that guessing is slowed down at all of them together.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "analyze/tag_activity.hpp"
#include "base/clock.hpp"
#include "govern/people.hpp"
#include "observe/ingest.hpp"
#include "store/leases.hpp"
#include "store/notices.hpp"

namespace linnet::app {

class OtherProcesses {
 public:
  struct Parts {
    store::Database& database;
    Clock& clock;
    store::Leases& leases;
    observe::Ingest& ingest;
    govern::People& people;
    analyze::TagActivity& tag_activity;
  };
  // All outlive it. With an embedded database there are none.
  static Result<std::unique_ptr<OtherProcesses>> start(const Parts& parts);

 private:
  explicit OtherProcesses(const Parts& parts) : parts_(parts) {}
  Status listen();
  void hear_of_batch(std::string_view text);
  void hear_of_try(std::string_view text);
  void tell_of_try(const govern::SignInTry& tried);

  const Parts parts_;
  std::unique_ptr<store::NoticeListener> batches_;
  std::unique_ptr<store::NoticeListener> tries_;
  std::jthread caretaker_;  // of what one of them logged and left
};

}  // namespace linnet::app
