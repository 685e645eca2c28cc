#include "govern/sealed_secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "govern/platform_credentials.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

constexpr std::string_view kRedacted = "[REDACTED]";
constexpr std::int64_t kStep = 500;

std::string member_of(std::string_view value, std::string_view name) {
  return text_in(parse_object(value), name);
}

}  // namespace

const std::vector<SealedColumn>& sealed_columns() {
  static const std::vector<SealedColumn> kColumns{
      {"accounts", "credentials", "", "the sign-in of account"},
      {"dm_messages", "content_encrypted", "", "the direct message"},
      {"dm_threads", "last_message_preview", "", "the beginning of conversation"},
      {"action_attempts", "input", "textEncrypted", "the text of action"},
      {"platform_credentials", "credential_value", "", "the credential", kCredentialContext},
      {"jobs", "input", "sealed_address", "whom to erase, of", "('job ' || CAST(id AS TEXT))"},
      {"llm_providers", "api_key", "", "the key of provider"},
      {"llm_calls", "sent", "", "what was asked in call"},
      {"llm_calls", "answer", "", "the answer of call"},
      {"sealed_keys", "sealed", "", "the key"},
  };
  return kColumns;
}

std::string seal_context_of_job(std::int64_t job) {
  return fmt::format("job {}", job);
}

Result<std::vector<SealedRow>> sealed_rows(store::Connection& connection, const SealedColumn& column,
                                           const std::string& after, std::int64_t most) {
  std::vector<SealedRow> rows;
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT {2}, {0} FROM {1} WHERE {0} IS NOT NULL AND {2} > $1 ORDER BY {2} LIMIT $2",
                  column.column, column.table, column.id),
      {std::string_view(after), most}, [&](const store::Statement& row) {
        rows.push_back({std::string(row.text(0)), std::string(row.text(1))});
      }));
  return rows;
}

std::string sealed_text(const SealedColumn& column, const SealedRow& row) {
  auto sealed = column.member.empty() ? row.value : member_of(row.value, column.member);
  if (sealed == kRedacted) sealed.clear();
  return sealed;
}

Result<SecretCounts> count_secrets(store::Database& database, const std::vector<SecretBox>& keys) {
  SecretCounts counts;
  LINNET_TRY(auto reader, database.reader());
  for (const auto& column : sealed_columns()) {
    std::string after;
    while (true) {
      LINNET_TRY(const auto rows, sealed_rows(*reader, column, after, kStep));
      if (rows.empty()) break;
      after = rows.back().id;
      for (const auto& row : rows) {
        const auto sealed = sealed_text(column, row);
        if (sealed.empty()) continue;
        const bool fits = std::any_of(keys.begin(), keys.end(),
                                      [&](const SecretBox& key) { return key.unseal(sealed, row.id).ok(); });
        ++(fits ? counts.readable : counts.unreadable);
      }
    }
  }
  return counts;
}

}  // namespace linnet::govern
