#include "app/person_wishes.hpp"

#include "govern/consent.hpp"

namespace linnet::app {
namespace {

using Kind = connect::PersonWish::Kind;

constexpr const char* kDmRead = "dm_read";
constexpr const char* kActor = "the person";

constexpr const char* kMayRead =
    "Linnet may read the direct messages that you write to this bot. /consent revoke ends that, and removes "
    "what was read.";
constexpr const char* kMayNotRead =
    "Linnet does not read the direct messages that you write to this bot. /consent give lets it.";
constexpr const char* kEnded =
    "Linnet no longer reads the direct messages that you write to this bot. What was read is removed.";
constexpr const char* kLeftAlone =
    "Linnet leaves you alone from now on: it does not write to you, answer you or react to you.";

Result<std::string> give(store::Writer& writer, Instant now, const govern::PersonKey& person,
                         const std::string& evidence) {
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    govern::Consent consent;
    consent.user_id = person.user_id;
    consent.type = kDmRead;
    consent.platform = person.platform;
    consent.evidence = evidence;
    LINNET_TRY(const auto granted, govern::grant_consent(connection, consent, kActor, now));
    (void)granted;
    return {};
  }));
  return std::string(kMayRead);
}

Result<std::string> revoke(store::Writer& writer, Instant now, const govern::PersonKey& person) {
  const auto done = writer.write([&](store::Connection& connection) {
    return govern::revoke_consent(connection, person, kDmRead, kActor, now);
  });
  if (!done && done.error().kind == ErrorKind::not_found) return std::string(kMayNotRead);
  if (!done) return done.error();
  return std::string(kEnded);
}

}  // namespace

Result<std::string> heed_wish(store::Database& database, store::Writer& writer, Clock& clock,
                              govern::Blocklist& blocklist, const std::string& platform,
                              const connect::PersonWish& wish) {
  govern::PersonKey named;
  named.platform = platform;
  named.user_id = wish.person_id;
  LINNET_TRY(const auto person, govern::read_person(named));
  switch (wish.kind) {
    case Kind::let_read:
      return give(writer, clock.now(), person, wish.evidence);
    case Kind::stop_reading:
      return revoke(writer, clock.now(), person);
    case Kind::leave_alone: {
      LINNET_TRY(const auto cancelled, blocklist.opt_out(person, wish.evidence, kActor));
      (void)cancelled;
      return std::string(kLeftAlone);
    }
    case Kind::tell:
      break;
  }
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const bool may_read, govern::has_consent(*reader, person, kDmRead));
  return std::string(may_read ? kMayRead : kMayNotRead);
}

}  // namespace linnet::app
