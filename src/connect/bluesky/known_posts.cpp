#include "connect/bluesky/known_posts.hpp"

namespace linnet::connect::bluesky {
namespace {

constexpr std::string_view kPostSince = "SELECT discovered_at FROM posts WHERE instance_id = $1 AND id = $2";
constexpr std::string_view kAccountSince =
    "SELECT discovered_at FROM platform_users WHERE instance_id = $1 AND id = $2";
constexpr std::string_view kPostsOf =
    R"(SELECT id FROM posts
       WHERE instance_id = $1 AND account_id = $2 AND discovered_at < $3 AND deleted_at IS NULL
       ORDER BY id)";
constexpr std::string_view kTakenDownOf =
    R"(SELECT id FROM posts
       WHERE instance_id = $1 AND account_id = $2 AND deleted_at < $3 AND taken_down = 1 ORDER BY id)";

}  // namespace

Result<std::optional<Instant>> StoredPosts::since(std::string_view sql, std::string_view key) {
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(const auto micros, store::query_integer(*reader, sql, {instance_.value(), key}));
  return micros ? std::optional(from_micros(*micros)) : std::nullopt;
}

Result<std::optional<Instant>> StoredPosts::post_since(std::string_view uri) {
  return since(kPostSince, uri);
}

Result<std::optional<Instant>> StoredPosts::account_since(std::string_view did) {
  return since(kAccountSince, did);
}

Result<std::vector<std::string>> StoredPosts::posts_of(std::string_view did, Instant before) {
  return uris(kPostsOf, did, before);
}

Result<std::vector<std::string>> StoredPosts::taken_down_posts_of(std::string_view did, Instant before) {
  return uris(kTakenDownOf, did, before);
}

Result<std::vector<std::string>> StoredPosts::uris(std::string_view sql, std::string_view did,
                                                   Instant before) {
  LINNET_TRY(auto reader, database_.reader());
  std::vector<std::string> found;
  LINNET_CHECK(store::for_each_row(*reader, sql, {instance_.value(), did, to_micros(before)},
                                   [&](const store::Statement& row) { found.emplace_back(row.text(0)); }));
  return found;
}

}  // namespace linnet::connect::bluesky
