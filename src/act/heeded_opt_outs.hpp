// Words by which people ask to be left alone are done once: seen again, they are old words, and the person
// may have said another since.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "store/writer.hpp"

namespace linnet::act {

// Of a message in a conversation that is kept.
std::string heeded_message(std::string_view thread, std::string_view message);
// Of anything else, by what the platform and server know it by: a hash, which tells of nobody.
std::string heeded_elsewhere(std::string_view platform, std::string_view server, std::string_view id);

// Does it unless that was done before. Noted after it is done, so that nothing is lost in between.
Status heed_once(store::Database& database, store::Writer& writer, Clock& clock, const std::string& item,
                 const std::function<Status()>& what);

}  // namespace linnet::act
