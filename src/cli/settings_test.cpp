#include "cli/settings.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace linnet::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    auto folder = (std::filesystem::temp_directory_path() / "linnet-settings-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
  }
  ~SettingsTest() override {
    unsetenv("LINNET_PORT");
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& text) const { std::ofstream(folder_ + "/linnet.toml") << text; }
  [[nodiscard]] std::string error() const {
    const auto loaded = load_settings(folder_);
    return loaded ? "" : loaded.error().safe;
  }

  std::string folder_;
};

TEST_F(SettingsTest, WithoutAFileEverythingIsAsUsual) {
  const auto loaded = load_settings(folder_);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.port, 7450);
  EXPECT_FALSE(loaded->settings.redact_on_delete);
  EXPECT_EQ(loaded->settings.keep_events, std::chrono::days(30));
}

TEST_F(SettingsTest, TheDatabaseIsFoundBesideSettingsThatAreDamaged) {
  EXPECT_EQ(load_db_setting(folder_).value(), "");
  for (const auto* const damage :
       {"keep_events = \"14 days\"\n", "nonsense\n", "log_level = \n", "port = 70000\n"}) {
    write(std::string(damage) + "db = \"sqlite:/data/x.db\" # here\n" + damage);
    EXPECT_FALSE(load_settings(folder_)) << damage;
    EXPECT_EQ(load_db_setting(folder_).value(), "sqlite:/data/x.db") << damage;
  }
  write("db = \"sqlite:/data");
  EXPECT_FALSE(load_db_setting(folder_)) << "not another one";
  write("db = \"mysql://x\"\n");
  EXPECT_FALSE(load_db_setting(folder_));
}

TEST_F(SettingsTest, BackupsAreMadeBySchedule) {
  EXPECT_EQ(load_settings(folder_)->settings.backups, "");
  write("backups = \"30 2 * * * Europe/Berlin\"\nkeep_backups = 3\n");
  const auto loaded = load_settings(folder_);
  ASSERT_TRUE(loaded) << loaded.error().safe;
  EXPECT_EQ(loaded->settings.backups, "30 2 * * *");
  EXPECT_EQ(loaded->settings.backups_zone, "Europe/Berlin");
  EXPECT_EQ(loaded->settings.keep_backups, 3);
  write("backups = \"30 2 * * 1-5\"\n");
  EXPECT_EQ(load_settings(folder_)->settings.backups, "30 2 * * 1-5");
  EXPECT_EQ(load_settings(folder_)->settings.backups_zone, "UTC");
  for (const auto& [wrong, said] : {std::pair{"daily", "expected five fields"},
                                    {"30 2 * *", "expected five fields"},
                                    {"30 25 * * *", "hour: expected *, or numbers from 0 to 23"},
                                    {"30 2 * * * Mars/Base", "expected five fields"},
                                    {"Europe/Berlin", "expected five fields"},
                                    {"0 0 30 2 *", "day of the month: none of the months has it"}}) {
    write(std::string("backups = \"") + wrong + "\"\n");
    EXPECT_THAT(error(), HasSubstr(std::string("linnet.toml:1: backups: ") + said)) << wrong;
  }
  write("keep_backups = 0\n");
  EXPECT_THAT(error(), HasSubstr("keep_backups: expected a number from 1"));
}

TEST_F(SettingsTest, PostsStayForEverUnlessATimeIsSaid) {
  EXPECT_EQ(load_settings(folder_)->settings.keep_posts_unengaged, std::nullopt);
  write("keep_posts_unengaged = \"90d\"\n");
  EXPECT_EQ(load_settings(folder_)->settings.keep_posts_unengaged, std::chrono::days(90));
  write("keep_posts_unengaged = \"forever\"\n");
  EXPECT_EQ(load_settings(folder_)->settings.keep_posts_unengaged, std::nullopt);
  for (const auto* const wrong : {"6d", "never", "0", "-90d"}) {
    write(std::string("keep_posts_unengaged = \"") + wrong + "\"\n");
    EXPECT_THAT(error(),
                AllOf(HasSubstr("keep_posts_unengaged: expected a time of at least 7d, such as 90d, or "
                                "forever, got"),
                      HasSubstr(wrong)));
  }
}

TEST_F(SettingsTest, TheChatServiceIsADid) {
  EXPECT_EQ(load_settings(folder_)->settings.platforms.chat_service, "did:web:api.bsky.chat");
  write("bluesky_chat = \"did:web:chat.example\"\n");
  EXPECT_EQ(load_settings(folder_)->settings.platforms.chat_service, "did:web:chat.example");
  write("bluesky_chat = \"https://api.bsky.chat\"\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("bluesky_chat"), HasSubstr("expected a DID such as did:web:")));
}

TEST_F(SettingsTest, ASecretIsUsedAndNotShown) {
  write("db = \"postgres://ada:s3cret@db.example/linnet?sslpassword=s3cret\"\n");
  const auto loaded = load_settings(folder_);
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->settings.db, HasSubstr("s3cret"));
  for (const auto& view : loaded->views)
    EXPECT_THAT(view.value, testing::Not(HasSubstr("s3cret"))) << view.name;
  write("db = \"postgras://ada:s3cret@db.example/linnet\"\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("postgras://ada:***@"), testing::Not(HasSubstr("s3cret"))));
  write("jetstream = \"https://ada:s3cret@a.example\"\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("jetstream"), testing::Not(HasSubstr("s3cret"))));
}

TEST_F(SettingsTest, AProxyHasNames) {
  write(
      "allowed_hosts = \"Linnet.example, b\u00fccher.example\"\nallowed_origins = \"https://Board.example/ "
      "http://10.0.0.2:3000\"\n");
  const auto loaded = load_settings(folder_);
  ASSERT_TRUE(loaded) << error();
  EXPECT_THAT(loaded->settings.allowed_hosts,
              testing::ElementsAre("linnet.example", "xn--bcher-kva.example"));
  EXPECT_THAT(loaded->settings.allowed_origins,
              testing::ElementsAre("https://board.example", "http://10.0.0.2:3000"));
  for (const char* wrong : {"allowed_hosts = \"https://linnet.example\"",
                            "allowed_hosts = \"linnet.example/x\"", "allowed_hosts = \"linnet.example:443\"",
                            "allowed_hosts = \"*\"", "allowed_origins = \"board.example\"",
                            "allowed_origins = \"null\"", "allowed_origins = \"https://board.example/x\""}) {
    write(wrong);
    EXPECT_THAT(error(), HasSubstr("expected")) << wrong;
  }
}

TEST_F(SettingsTest, TheFileIsReadAndTheEnvironmentWins) {
  write("trusted_proxies = \"none\"\nport = 8000\nredact_on_delete = true\nkeep_events = \"12h\"\n");
  setenv("LINNET_PORT", "9000", 1);
  const auto loaded = load_settings(folder_);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.port, 9000);
  EXPECT_EQ(loaded->settings.trusted_proxies, "none");
  EXPECT_TRUE(loaded->settings.redact_on_delete);
  EXPECT_EQ(loaded->settings.keep_events, std::chrono::hours(12));
  for (const auto& view : loaded->views) {
    if (view.name == "port") {
      EXPECT_EQ(view.origin, "LINNET_PORT");
    }
    if (view.name == "redact_on_delete") {
      EXPECT_THAT(view.origin, testing::EndsWith("linnet.toml:3"));
    }
  }
}

TEST_F(SettingsTest, WhatIsWrongIsNamedWithItsLine) {
  write("log_level = \"info\"\nport = 70000\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("linnet.toml:2: port: expected a port"), HasSubstr("70000")));
  write("prot = 8000\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("linnet.toml:1: there is no setting prot"), HasSubstr("port")));
  write("port = [1]\n");
  EXPECT_THAT(error(), HasSubstr("linnet.toml:1: port: expected text, a number, true or false"));
  write("redact_on_delete = \"maybe\"\n");
  EXPECT_THAT(error(), HasSubstr("redact_on_delete: expected true or false, got \"maybe\""));
  write("port = \n");
  EXPECT_THAT(error(), HasSubstr("linnet.toml:1: "));
  write("trusted_proxies = \"proxy.example\"\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("linnet.toml:1: trusted_proxies: expected addresses"),
                             HasSubstr("proxy.example")));
  write("listen = \"everywhere\"\n");
  EXPECT_THAT(error(), HasSubstr("listen: expected an IP address"));
  write("jetstream = \"https://jetstream.example\"\n");
  EXPECT_THAT(error(), HasSubstr("jetstream: expected addresses such as wss://"));
}

TEST_F(SettingsTest, JetstreamIsReadAtTheAddressesGiven) {
  write("jetstream = \"wss://one.example  ws://127.0.0.1:6008/other \"\n");
  const auto loaded = load_settings(folder_);
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->settings.platforms.jetstream_servers,
              testing::ElementsAre("wss://one.example/subscribe", "ws://127.0.0.1:6008/other"));
  write("");
  EXPECT_EQ(load_settings(folder_)->settings.platforms.jetstream_servers.size(), 4U);
}

}  // namespace
}  // namespace linnet::cli
