#include "reflect/book_spending.hpp"

#include <cmath>

#include "observe/salience/own_lines.hpp"

namespace linnet::reflect {

Status book_spending(observe::Ingest& ingest, const Spending& spending, Instant now) {
  std::vector<salience::Fact> facts{salience::Spent{spending.run_id, spending.topic_key, spending.tokens}};
  if (!spending.subjects.empty() && !spending.server.empty()) {
    salience::SubjectsNamed named{.run = spending.run_id, .server = spending.server, .subjects = {}};
    for (const auto& subject : spending.subjects)
      named.subjects.push_back(
          {subject.name, static_cast<salience::Amount>(std::llround(subject.importance * salience::kOne))});
    facts.emplace_back(std::move(named));
  }
  return salience::tell(ingest, facts, now);
}

}  // namespace linnet::reflect
