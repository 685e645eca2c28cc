// The clock that tests of the program move.
#pragma once

#include "cli/context.hpp"

namespace linnet::app {

// Where LINNET_TEST_CLOCK names a file, the clock shows the moment that stands in it
// (base/steered_clock.hpp). `invalid` unless the data folder is marked as one of a test's own: it holds a
// file named `under-test` with the address of the very database that is about to be opened. So neither a
// variable that was left behind nor a copied folder moves the clock of anybody's own data.
Status follow_test_clock(cli::Context& context);

}  // namespace linnet::app
