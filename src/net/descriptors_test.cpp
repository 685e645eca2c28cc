#include "net/descriptors.hpp"

#include <gtest/gtest.h>

namespace linnet::net {
namespace {

TEST(Descriptors, ConnectionsLeaveRoomForEverythingElse) {
  EXPECT_EQ(connections_that_fit(4096, {65'536, 100}, 144), 4096U);
  EXPECT_EQ(connections_that_fit(4096, {1024, 60}, 144), 820U);
  EXPECT_EQ(connections_that_fit(4096, {256, 60}, 144), 111U) << "with little, everything gets by with less";
  EXPECT_EQ(connections_that_fit(4096, {64, 60}, 144), 8U);
  EXPECT_EQ(connections_that_fit(2, {1024, 60}, 144), 2U);
  EXPECT_EQ(connections_that_fit(4096, {0, 0}, 144), 4096U) << "not known";
}

TEST(Descriptors, AreCounted) {
  const auto files = count_descriptors();
  EXPECT_GT(files.limit, files.used);
  EXPECT_GE(files.used, 3U);
}

}  // namespace
}  // namespace linnet::net
