// What the program gives back to the system.
#pragma once

namespace linnet {

// Large blocks are given back as soon as they are free, instead of being kept for the next one of their size.
// To be called at the start.
void keep_little_memory();

// Gives back what is free everywhere. Takes some milliseconds: after much was used, and not often.
void give_memory_back();

}  // namespace linnet
