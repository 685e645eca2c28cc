// Looks up the handles that the stream does not tell: an identity event of the relay says that a handle
// changed, not into which.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "connect/event_sink.hpp"
#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect::bluesky {

struct HandleSources {
  std::string network;        // whose server describes accounts: https://bsky.social
  std::string plc_directory;  // asked where that server does not know
};

// The handle that the account has now, by the servers of the network; empty: it has none that is its own.
Result<std::string> find_handle(net::HttpTransport& transport, RequestBudget& budget,
                                const HandleSources& sources, const std::string& did,
                                const std::stop_token& stop);

// One thread of its own, so that the stream goes on. What it finds is handed on as an identity event; what it
// does not find leaves the name as it was. All references outlive it.
class HandleLookup {
 public:
  HandleLookup(net::HttpTransport& transport, EventSink& sink, Clock& clock, HandleSources sources);
  ~HandleLookup();
  HandleLookup(const HandleLookup&) = delete;
  HandleLookup& operator=(const HandleLookup&) = delete;

  // From any thread; of very many at once the oldest are forgotten.
  void ask(const std::string& did);

 private:
  struct Question {
    std::string did;
    int attempts = 0;
    Instant not_before{};
  };
  void run(const std::stop_token& stop);
  // False once nothing more is taken.
  bool answer(Question question, const std::stop_token& stop);
  void ask_again(Question question);

  net::HttpTransport& transport_;
  EventSink& sink_;
  Clock& clock_;
  HandleSources sources_;
  RequestBudget budget_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Question> questions_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace linnet::connect::bluesky
