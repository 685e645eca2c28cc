#include "act/erase_job.hpp"

#include <optional>

#include "act/person_json.hpp"
#include "act/without_names.hpp"
#include "base/text.hpp"
#include "observe/person.hpp"

namespace linnet::act {
namespace {

// Nothing where a run before this one came so far that nobody is found any more.
Result<std::optional<observe::Person>> whom_to_erase(store::Database& database, const std::string& address,
                                                     bool was_begun) {
  LINNET_TRY(auto reader, database.reader());
  auto found = find_person_to_erase(*reader, address);
  if (!found && found.error().kind == ErrorKind::not_found && was_begun)
    return std::optional<observe::Person>();
  LINNET_TRY(auto person, std::move(found));
  return std::optional(std::move(person));
}

}  // namespace

Status erase_as_job(store::Database& database, store::Writer& writer, Clock& clock,
                    govern::Blocklist& blocklist, const std::string& address, jobs::JobContext& context) {
  std::vector<std::string> names{address, std::string(trim(address)), observe::address_as_kept(address)};
  const auto run = [&]() -> Status {
    LINNET_TRY(const auto person, whom_to_erase(database, address, context.job().claims > 1));
    if (!person) {
      context.note("an earlier run took out what was found; the rest is done now");
      return finish_erasures(database, writer, clock);
    }
    names.push_back(person->address);
    for (const auto& account : person->accounts) names.push_back(account.acct);
    LINNET_TRY(const auto erased,
               erase_person(database, writer, clock, blocklist, *person, context.job().asked_by));
    context.set_result(to_json(erased));
    return {};
  };
  const auto done = run();
  // The job stays in the list, and names nobody.
  return done ? Status() : Status(without_names(done.error(), std::move(names)));
}

}  // namespace linnet::act
