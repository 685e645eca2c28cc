// Secrets survive a round trip, and nothing that was tampered with is ever unsealed.
#include "base/secret_box.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "base/binary_text.hpp"
#include "base/hash.hpp"

namespace linnet {
namespace {

const std::string kKey(64, 'a');

SecretBox box_with(const std::string& key) {
  return SecretBox::from_hex(key).value();
}

class Folder {
 public:
  Folder() {
    std::string name = ::testing::TempDir() + "linnet-secret-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

RC_GTEST_PROP(SecretBox, unseals_what_it_sealed, (const std::string& secret, const std::string& context)) {
  const auto box = box_with(kKey);
  const auto sealed = box.seal(secret, context).value();
  RC_ASSERT(box.unseal(sealed, context).value() == secret);
}

TEST(SecretBox, writes_the_three_fields_of_the_data_model_in_hexadecimal) {
  const auto sealed = box_with(kKey).seal("token", "").value();
  EXPECT_EQ(sealed.find("{\"iv\":\""), 0U);
  EXPECT_NE(sealed.find("\"encrypted\":\""), std::string::npos);
  EXPECT_NE(sealed.find("\"authTag\":\""), std::string::npos);
  EXPECT_EQ(sealed.find("token"), std::string::npos);
}

TEST(SecretBox, never_seals_twice_alike) {
  const auto box = box_with(kKey);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(box.seal("same", "same").value());
  EXPECT_EQ(seen.size(), 100U);
}

TEST(SecretBox, refuses_every_single_changed_digit) {
  const auto box = box_with(kKey);
  const auto sealed = box.seal("a secret token", "row 1").value();
  int changed = 0;
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    const bool is_hex = (sealed[i] >= '0' && sealed[i] <= '9') || (sealed[i] >= 'a' && sealed[i] <= 'f');
    if (!is_hex) continue;
    auto tampered = sealed;
    tampered[i] = sealed[i] == '0' ? '1' : '0';
    if (tampered.find("\"iv\"") == std::string::npos) continue;
    const auto opened = box.unseal(tampered, "row 1");
    ASSERT_FALSE(opened.ok()) << "digit " << i;
    EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
    ++changed;
  }
  EXPECT_GT(changed, 70);
}

TEST(SecretBox, refuses_another_context_another_key_and_nonsense) {
  const auto box = box_with(kKey);
  const auto sealed = box.seal("secret", "row 1").value();
  EXPECT_FALSE(box.unseal(sealed, "row 2").ok());
  EXPECT_FALSE(box_with(std::string(64, 'b')).unseal(sealed, "row 1").ok());
  for (const char* text : {"", "{}", "null", R"({"iv":"","encrypted":"","authTag":""})",
                           R"({"iv":"zz","encrypted":"00","authTag":"00"})", "{\"iv\":\"", "\"iv\":\"00"}) {
    EXPECT_FALSE(box.unseal(text, "row 1").ok()) << text;
  }
}

TEST(SecretBox, refuses_a_tag_cut_short) {
  const auto box = box_with(kKey);
  auto sealed = box.seal("secret", "").value();
  const auto tag = sealed.rfind("\"authTag\":\"") + 11;
  sealed.erase(tag + 2, 30);  // one byte of it left
  EXPECT_FALSE(box.unseal(sealed, "").ok());
}

TEST(SecretBox, makes_a_key_file_for_its_owner_alone_and_finds_it_again) {
  ::unsetenv("LINNET_KEY");
  const Folder folder;
  const auto sealed = SecretBox::open(folder.path()).value().seal("secret", "x").value();
  struct stat info {};
  ASSERT_EQ(::stat((folder.path() / "secret.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(SecretBox::open(folder.path()).value().unseal(sealed, "x").value(), "secret");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(SecretBox, refuses_a_key_file_that_others_can_read_or_that_holds_no_key) {
  ::unsetenv("LINNET_KEY");
  const Folder folder;
  const auto path = folder.path() / "secret.key";
  std::ofstream(path) << "not a key\n";
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(SecretBox::open(folder.path()).error().kind, ErrorKind::denied);
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(SecretBox::open(folder.path()).error().kind, ErrorKind::invalid);
}

TEST(SecretBox, takes_the_key_from_the_environment_first) {
  const Folder folder;
  ::setenv("LINNET_KEY", kKey.c_str(), 1);
  const auto sealed = SecretBox::open(folder.path()).value().seal("secret", "").value();
  EXPECT_EQ(box_with(kKey).unseal(sealed, "").value(), "secret");
  ::setenv("LINNET_KEY", "short", 1);
  const auto refused = SecretBox::open(folder.path());
  ::unsetenv("LINNET_KEY");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message.find("short"), std::string::npos) << "keys are never shown";
}

TEST(SecretBox, makes_uuids_of_version_4) {
  const auto uuid = make_uuid_v4().value();
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_NE(uuid, make_uuid_v4().value());
}

TEST(SecretBox, base64_url_and_sha256_give_the_challenge_of_rfc_7636) {
  // RFC 7636, appendix B
  EXPECT_EQ(base64_url(sha256_bytes("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").value()),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

}  // namespace
}  // namespace linnet
