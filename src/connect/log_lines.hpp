// How the payloads of a network's lines in the event log are read, and how people are taken out of them.
#pragma once

#include <simdjson.h>

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "connect/erased_payload.hpp"
#include "model/sighting.hpp"

namespace linnet::connect {

// What is wrong with what came in: names the field, what was expected and what was there.
using FieldError = std::optional<std::string>;

// Keeps its buffers between events; one per thread.
class PayloadReader {
 public:
  virtual ~PayloadReader() = default;

  // What an event of this name says; `other`: nothing that is read.
  [[nodiscard]] virtual model::EventKind kind_of(std::string_view type) const;
  // Into `event`, whose kind is known and is neither a deletion nor the like, which say the same everywhere.
  // Its text goes into `arena`; what had to be left out is added to `left_out`, for people.
  virtual FieldError read(simdjson::ondemand::value payload, Arena& arena, model::Event& event,
                          std::string& left_out) = 0;
  // A line that is no event but the thing itself.
  virtual FieldError read_bare(simdjson::ondemand::object line, Arena& arena, model::Event& event,
                               std::string& left_out);
  // One huge event must not hold its memory for ever.
  virtual void shrink() {}
};

struct LineRules {
  // What a line calls the network; empty: it names none.
  std::string_view network;
  std::unique_ptr<PayloadReader> (*make_reader)() = nullptr;
  // Takes the account out of what an event of this name says. May throw what simdjson throws for what cannot
  // be read.
  ErasedPayload (*erase)(std::string_view type, std::string_view payload, std::string_view account) = nullptr;
  // Whether an event must stay out of the log as a direct message does; its payload is null where it is no
  // object that can be read. Null: the words in it tell (private_lines.hpp).
  bool (*is_private)(std::string_view type, const boost::json::object* payload) = nullptr;
};

}  // namespace linnet::connect
