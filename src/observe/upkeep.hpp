// What is done once to a database that an older version of this program wrote: messages that came in as posts
// are taken out of the log and the tables, and what is read otherwise now is read again.
#pragma once

#include "observe/projector.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

// Does nothing where it is done. Broken off, it goes on at the next start; two processes may do it at once.
Status put_right_once(store::Database& database, const std::function<ProjectorOptions()>& options);

}  // namespace linnet::observe
