// People who were erased. Nothing is known of them but salted fingerprints, by which they are recognised when
// a platform shows them again.
#pragma once

#include <string>

#include "govern/person_key.hpp"

namespace linnet::govern {

// By the id on its server, or by the address anywhere. Within the caller's transaction: what is written in it
// comes either before the erasure, which takes it out, or not at all.
Result<bool> is_erased(store::Connection& connection, const PersonKey& person);
// The same with the salt of the fingerprints, where that is known already.
Result<bool> is_erased(store::Connection& connection, const PersonKey& person, const std::string& salt);

}  // namespace linnet::govern
