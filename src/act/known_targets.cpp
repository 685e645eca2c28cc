#include "act/known_targets.hpp"

#include <fmt/format.h>

namespace linnet::act {
namespace {

Result<std::vector<std::string>> ids_that_begin(store::Connection& connection, std::string_view table,
                                                std::string_view beginning) {
  std::vector<std::string> found;
  LINNET_CHECK(store::for_each_row(
      connection, fmt::format("SELECT id FROM {} WHERE id LIKE $1 || '%' ORDER BY id LIMIT 2", table),
      {beginning}, [&](const store::Statement& row) { found.emplace_back(row.text(0)); }));
  return found;
}

}  // namespace

Result<KnownPost> known_post(store::Connection& connection, const Attempt& attempt) {
  KnownPost post;
  LINNET_CHECK(
      store::for_each_row(connection,
                          R"(SELECT u.acct, p.content_text
         FROM posts p JOIN accounts a ON a.instance_id = p.instance_id
         LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
         WHERE a.id = $1 AND p.id = $2 AND p.deleted_at IS NULL AND p.followers_only = 0)",
                          {std::string_view(attempt.account.value()), std::string_view(attempt.target_id)},
                          [&](const store::Statement& row) {
                            post = {std::string(row.text(0)), std::string(row.text(1))};
                          }));
  return post;
}

Result<std::string> known_person(store::Connection& connection, const Attempt& attempt) {
  LINNET_TRY(auto acct,
             store::query_text(
                 connection,
                 R"(SELECT u.acct FROM platform_users u JOIN accounts a ON a.instance_id = u.instance_id
                    WHERE a.id = $1 AND u.id = $2)",
                 {std::string_view(attempt.account.value()), std::string_view(attempt.target_id)}));
  return std::move(acct).value_or("");
}

Result<std::vector<std::string>> attempts_that_begin(store::Connection& connection,
                                                     std::string_view beginning) {
  return ids_that_begin(connection, "action_attempts", beginning);
}

Result<std::vector<std::string>> approvals_that_begin(store::Connection& connection,
                                                      std::string_view beginning) {
  return ids_that_begin(connection, "approvals", beginning);
}

}  // namespace linnet::act
