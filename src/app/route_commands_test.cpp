// A route that names a command can be asked on the command line, and says the same there.
#include "app/route_commands.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>

#include "api/typed_routes.hpp"

namespace linnet::app {
namespace {

namespace json = boost::json;

struct Told {
  std::string name;
  std::int64_t times = 0;
  bool is_loud = false;
};
struct Wanted {
  std::int64_t times = 1;
  std::vector<std::string> words;
  bool is_loud = false;
};
Told last;

Result<Told> tell(const api::Call& call, const Wanted& wanted) {
  last = {call.path[0] + call.request.query("ending").value_or(""), wanted.times, wanted.is_loud};
  for (const auto& word : wanted.words) last.name += " " + word;
  if (wanted.times > 9) return invalid("how_often: expected less");
  return last;
}

json::value things;
api::Answer list_things(const api::Call& /*call*/) {
  return things;
}
// As what was sent sealed is read, and as a mark is left on the way.
api::Answer unseal_thing(const api::Call& call) {
  LINNET_TRY(const auto* const box, call.api.dependencies.open_box());
  LINNET_TRY(auto sealed, box->seal("a word", "thing"));
  LINNET_TRY(auto word, box->unseal(sealed, "thing"));
  LINNET_CHECK(
      call.api.dependencies.writer.write([](store::Connection& /*connection*/) { return Status(); }));
  return json::value(word);
}

}  // namespace
}  // namespace linnet::app

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::app::Told>() {
  using linnet::app::Told;
  static const auto described = entity<Told>(
      {.name = "Told"},
      {field<&Told::name>("name"), field<&Told::times>("times"), field<&Told::is_loud>("is_loud")});
  return described;
}
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::app::Wanted>() {
  using linnet::app::Wanted;
  static const auto described = entity<Wanted>(
      {.name = "Wanted"}, {field<&Wanted::times>("how_often").required().means("a number"),
                           field<&Wanted::words>("words"), field<&Wanted::is_loud>("is_loud")});
  return described;
}

namespace linnet::app {
namespace {

class RouteCommandsTest : public testing::Test {
 protected:
  RouteCommandsTest() {
    context_.options.data = ::mkdtemp(folder_.data());
    context_.options.json = true;
    add_route_commands(program_, context_,
                       {api::as_command("thing tell", api::typed({govern::Permission::read,
                                                                  net::Method::post,
                                                                  "/api/v1/things/{name}",
                                                                  "Tell of a thing",
                                                                  {"ending"},
                                                                  {}},
                                                                 tell)),
                        api::as_command("thing list", read("/api/v1/things", list_things)),
                        api::as_command("thing unseal", read("/api/v1/sealed-things", unseal_thing))},
                       "Things");
  }
  ~RouteCommandsTest() override { std::filesystem::remove_all(folder_); }
  static api::Route read(std::string_view pattern, api::Answer (*handler)(const api::Call&)) {
    return api::typed({govern::Permission::read, net::Method::get, pattern, "Read of things", {}, {}},
                      handler);
  }
  std::string printed(const std::string& words) {
    testing::internal::CaptureStdout();
    const auto done = run(words);
    auto text = testing::internal::GetCapturedStdout();
    EXPECT_TRUE(done) << done.error().message;
    return text;
  }
  Status run(std::string words) {
    program_.parse(std::move(words), false);
    return context_.action();
  }

  std::string folder_ = (std::filesystem::temp_directory_path() / "linnet-XXXXXX").string();
  cli::Context context_;
  CLI::App program_{"test", "test"};
};

TEST_F(RouteCommandsTest, PathParametersAndBodyAreArgumentsAndOptions) {
  testing::internal::CaptureStdout();
  const auto done = run("thing tell ada --ending ! --how-often 3 --words a --words b --is-loud");
  const auto printed = testing::internal::GetCapturedStdout();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(last.name, "ada! a b");
  EXPECT_EQ(printed, "{\"name\":\"ada! a b\",\"times\":3,\"is_loud\":true}\n");
}

TEST_F(RouteCommandsTest, WhatIsWrongIsSaidByTheOption) {
  const auto done = run("thing tell ada --how-often 10");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().safe, "--how-often: expected less");
  EXPECT_THROW(run("thing tell ada"), CLI::RequiredError) << "what a request must hold, a command must, too";
}

TEST_F(RouteCommandsTest, OneThingIsShownWhole) {
  context_.options.json = false;
  const std::string name(200, 'a');
  testing::internal::CaptureStdout();
  const auto done = run("thing tell " + name + " --how-often 1");
  const auto printed = testing::internal::GetCapturedStdout();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_NE(printed.find(name), std::string::npos) << printed;
}

TEST_F(RouteCommandsTest, EachItemShowsAllThatItHas) {
  context_.options.json = false;
  things = json::parse(R"({"items": [{"name": "ada", "of": {}}, {"name": "bob", "of": null, "seen": 7}]})");
  const auto table = printed("thing list");
  EXPECT_NE(table.find("seen"), std::string::npos) << table;
  EXPECT_NE(table.find('7'), std::string::npos) << table;
  EXPECT_EQ(table.find("of"), std::string::npos) << "what is a thing itself is left to --json: " << table;
  things = json::array();
  EXPECT_EQ(printed("thing list"), "nothing\n");
}

TEST_F(RouteCommandsTest, WhatIsNoThingIsPrintedPlainly) {
  context_.options.json = false;
  things = json::parse(R"(["ada", 7, true])");
  EXPECT_EQ(printed("thing list"), "ada\n7\ntrue\n");
  things = "ada";
  EXPECT_EQ(printed("thing list"), "ada\n");
}

TEST_F(RouteCommandsTest, WhatOnlyReadsNeedsNoKey) {
  const auto key = std::filesystem::path(context_.options.data) / "secret.key";
  std::ofstream(key) << "no key at all";
  things = json::array();
  EXPECT_TRUE(run("thing list"));
  EXPECT_FALSE(run("thing tell ada --how-often 3")) << "what writes seals with it";
  EXPECT_FALSE(run("thing unseal"));
  std::filesystem::remove(key);
  EXPECT_EQ(printed("thing unseal"), "\"a word\"\n");
}

TEST_F(RouteCommandsTest, AGroupListsThemBesideItsOwn) {
  const auto* const group = program_.get_subcommand("thing");
  EXPECT_EQ(group->get_group(), "Things");
  const auto help = group->help();
  EXPECT_NE(help.find("Subcommands:"), std::string::npos) << help;
  EXPECT_EQ(help.find("Things:"), std::string::npos) << help;
}

TEST(RouteCommands, OfAPageTheItemsArePrinted) {
  EXPECT_EQ(as_printed({{"items", {1, 2}}, {"next", nullptr}}), boost::json::value({1, 2}));
  EXPECT_EQ(as_printed({{"id", 1}}), boost::json::value({{"id", 1}}));
}

}  // namespace
}  // namespace linnet::app
