// Whether what something was made of may still be known, at the moment when it is kept: a model thinks for
// minutes, and meanwhile somebody may have taken back their consent, or been erased.
#pragma once

#include <span>

#include "observe/salience/topic_key.hpp"
#include "reflect/insight.hpp"
#include "store/connection.hpp"

namespace linnet::reflect {

// Within the transaction that keeps it. `conflict` when something was taken away meanwhile.
Status check_still_there(store::Connection& connection, std::span<const Source> sources,
                         const salience::TopicKey& topic);

}  // namespace linnet::reflect
