#include "connect/log_lines.hpp"

namespace linnet::connect {

model::EventKind PayloadReader::kind_of(std::string_view type) const {
  using model::EventKind;
  if (type == "update" || type == "status.update") return EventKind::post;
  if (type == "delete") return EventKind::deletion;
  if (type == "takedown") return EventKind::takedown;
  if (type == "restoration") return EventKind::restoration;
  return EventKind::other;
}

FieldError PayloadReader::read_bare(simdjson::ondemand::object /*line*/, Arena& /*arena*/,
                                    model::Event& /*event*/, std::string& /*left_out*/) {
  return "event: expected the kind of event, such as \"update\", got nothing";
}

}  // namespace linnet::connect
