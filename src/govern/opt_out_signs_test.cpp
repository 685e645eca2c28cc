#include "govern/opt_out_signs.hpp"

#include <gtest/gtest.h>

namespace linnet::govern {
namespace {

TEST(OptOut, IsReadFromProfilesAndMessages) {
  for (const auto* const yes : {"Painter. #nobot", "#NoBots please", "x #noindex", "#NoAutomation"})
    EXPECT_TRUE(profile_opts_out(yes)) << yes;
  for (const auto* const no : {"#nobotany", "nobot", "https://x.example/#nobot", "&#nobot"})
    EXPECT_FALSE(profile_opts_out(no)) << no;
  for (const auto* const yes :
       {"STOP", "Please stop.", "@linnet@x.example unsubscribe!", "Please don't contact me again",
        "Don’t message me", "Schreib mir bitte nicht mehr", "ne m'écrivez plus !", "No me escribas más",
        "opt out"})
    EXPECT_TRUE(message_opts_out(yes)) << yes;
  for (const auto* const no : {"don't stop", "Stop by tomorrow!", "I can't stop laughing",
                               "Where do I unsubscribe?", "They told me not to contact you", "Write me",
                               "I don't write messages on Sundays", "Do not write media files to the share",
                               "You never write me back!", "I would be sad if you don't contact me"})
    EXPECT_FALSE(message_opts_out(no)) << no;
}

}  // namespace
}  // namespace linnet::govern
