// One question, from its prompt to its answer: the providers are asked in turn, each a bounded number of
// times.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "llm/one_call.hpp"
#include "llm/prepared.hpp"
#include "llm/routing.hpp"

namespace linnet::llm {

// What stands in the way of all that were tried; which error it is when nobody answers.
class Obstacles {
 public:
  void add(const Provider& provider, const Refusal& refusal);
  void add(Error error);
  // The soonest that one may be asked again; nullopt where waiting does not help.
  [[nodiscard]] std::optional<Duration> wait() const { return wait_; }
  [[nodiscard]] Error error() const;

 private:
  std::optional<Duration> wait_;
  std::optional<Error> error_;  // of what was asked
  std::string refused_;         // in words
};

// Waits for the soonest, within the question's patience. False: there is nothing to wait for, or no time
// left.
class Patience {
 public:
  Patience(Clock& clock, Duration patience);
  Result<bool> wait_for(const Obstacles& obstacles, const std::stop_token& stop);

 private:
  Clock& clock_;
  std::chrono::steady_clock::time_point end_;
};

class Asking {
 public:
  Asking(const DoorParts& parts, const Question& question, const Prepared& prepared, const TextHashes& hashes,
         std::stop_token stop);
  Result<Answer> run();

 private:
  Result<std::optional<Answer>> ask_each(const std::vector<Provider>& candidates, Obstacles& obstacles);
  Result<std::optional<Answer>> ask_one(const Provider& provider, Obstacles& obstacles);
  Result<std::optional<Answer>> from_cache(const Provider& provider);
  // One call; nullopt: the provider could not, or did not as it should.
  struct Said {
    std::optional<Answer> answer;
    std::optional<Error> mistake;  // it answered, and has to be asked again
    std::string text;              // what it said instead
    bool is_over = false;          // nobody else is to be asked
  };
  Result<Said> call(const Provider& provider, const Conversation& conversation, Obstacles& obstacles);
  Result<CallPlan> plan_for(const Provider& provider, const Conversation& conversation,
                            net::HttpRequest& request) const;
  // Takes what came for an answer, or says what is wrong with it.
  std::optional<Error> look_at(const ChatAnswer& spoken, Answer& answer) const;
  Result<Answer> built_in(const Error& otherwise);
  Status note_refusal(const Error& error);
  [[nodiscard]] Call call_row(std::string_view provider, std::string_view model) const;

  const DoorParts& parts_;
  const Question& question_;
  const Prepared& prepared_;
  const TextHashes& hashes_;
  std::stop_token stop_;
  std::string question_id_;
  int calls_left_;
  Usage usage_;
};

Result<std::string> new_call_id();

}  // namespace linnet::llm
