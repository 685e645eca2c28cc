// What of a server or network is in the log already, so that whoever goes on with a stream does not log again
// what another logged after the stream's place was last saved.
#pragma once

#include <string_view>

#include "base/ids.hpp"
#include "observe/event_log.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

// The events of the instance, from a while before the connector's place was saved; none where none was. The
// oldest of very many are left out.
Status each_logged_lately(store::Connection& connection, InstanceId instance, std::string_view connector,
                          const OnEvent& on_event);

}  // namespace linnet::observe
