// How many files and connections the system lets this process have open.
#pragma once

#include <cstddef>

namespace linnet::net {

struct Descriptors {
  std::size_t limit = 0;
  std::size_t used = 0;
};

Descriptors count_descriptors();

// Asks the system for as many as it lets us have: the usual 1,024 are few. To be called at the start.
void raise_descriptor_limit();

// Of the `wanted` connections, how many find room beside what is open and the `reserved`: some always.
std::size_t connections_that_fit(std::size_t wanted, const Descriptors& files, std::size_t reserved);

}  // namespace linnet::net
