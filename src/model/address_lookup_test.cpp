// Finding accounts by an address in whatever spelling they are shown and asked for.
#include "model/address_lookup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kit/test_database.hpp"

namespace linnet::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class AddressLookupTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    connection_ = (*database_)->connect(store::Part::tables).value();
    run("INSERT INTO instances (base_url, created_at) VALUES ('https://xn--bcher-kva.example', 0)");
    run("INSERT INTO instances (base_url, created_at) VALUES ('http://127.0.0.1:3000', 0)");
  }

  void run(const std::string& sql) {
    const auto done = connection_->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  void show(int instance, const std::string& id, const std::string& acct) {
    run(R"(INSERT INTO platform_users (instance_id, id, username, acct, discovered_at, last_seen_at,
             last_updated_at) VALUES ()" +
        std::to_string(instance) + ", '" + id + "', 'x', '" + acct + "', 0, 0, 0)");
  }
  std::vector<std::string> found(int instance, std::string_view address) {
    std::vector<std::string> ids;
    const auto accounts = accounts_shown_as(*connection_, InstanceId(instance), address);
    EXPECT_TRUE(accounts) << accounts.error().message;
    for (const auto& account : *accounts) ids.push_back(account.id);
    return ids;
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Connection> connection_;
};
INSTANTIATE_TEST_SUITE_P(Engines, AddressLookupTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(AddressLookupTest, FindsWhomAServerShowsInEitherForm) {
  show(2, "1", "ada@bücher.example");
  show(2, "2", "ada@xn--bcher-kva.example");
  show(2, "3", "Ada@BÜCHER.example");
  show(2, "4", "ada@bucher.example");
  show(2, "5", "adam@bücher.example");
  show(2, "6", "Dot@dotted.example.");
  for (const auto* const address : {"dot@dotted.example", "@Dot@Dotted.example."})
    EXPECT_THAT(found(2, address), ElementsAre("6")) << address;
  for (const auto* const address :
       {"ada@bücher.example", "@ADA@xn--bcher-kva.example", "Ada@BÜCHER.Example."})
    EXPECT_THAT(found(2, address), ElementsAre("1", "2", "3")) << address;
  EXPECT_THAT(found(2, "ada@bucher.example"), ElementsAre("4"));
  EXPECT_THAT(found(2, "ada"), IsEmpty());
}

TEST_P(AddressLookupTest, FindsAnInstancesOwnByTheBareNameAndInFull) {
  show(1, "1", "Ada");
  show(1, "2", "ada@far.example");
  EXPECT_THAT(found(1, "ada@bücher.example"), ElementsAre("1"));
  EXPECT_THAT(found(1, "ada"), ElementsAre("1"));
  EXPECT_THAT(found(1, "ada@far.example"), ElementsAre("2"));
  show(2, "3", "Ada");
  EXPECT_THAT(found(2, "ada@127.0.0.1:3000"), ElementsAre("3"));
  EXPECT_THAT(found(2, "ada@127.0.0.1"), ElementsAre("3"));
  show(1, "4", "Ädä@far.example");
  EXPECT_THAT(found(1, "ädä@FAR.example"), ElementsAre("4"));
}

}  // namespace
}  // namespace linnet::model
