#include "govern/app_registrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "govern/platform_credentials.hpp"
#include "net/url.hpp"

namespace linnet::govern {
namespace {

using connect::AppRegistration;

// "social.example", with its port where that is not the usual one.
std::string host_with_port(std::string_view base_url) {
  const auto url = net::parse_url(base_url);
  if (!url) return std::string(base_url);
  return url->has_default_port() ? url->host : fmt::format("{}:{}", url->host, url->port);
}

struct Book {
  store::Database& database;
  store::Writer& writer;
  Clock& clock;
  SecretBox box;
  std::string platform;
  std::string host;
  std::string prefix;  // of the keys of what was registered here: "social.example act "
  std::string actor;

  Result<std::vector<AppRegistration>> list() const;
  Status keep(const AppRegistration& app) const;
  Status forget(const AppRegistration& app) const;
};

Result<std::vector<AppRegistration>> Book::list() const {
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const auto credentials, usable_credentials(*reader, platform, box, clock.now()));
  std::map<std::string, AppRegistration> by_key;
  std::vector<std::string> newest_first;
  for (const auto& [key, value] : credentials) {
    const bool is_by_hand = key.key == host;
    if (!is_by_hand && !key.key.starts_with(prefix)) continue;
    auto& app = by_key[key.key];
    if (app.kept_as.empty()) newest_first.push_back(key.key);
    app.kept_as = key.key;
    if (!is_by_hand) app.redirect_uri = key.key.substr(prefix.size());
    if (key.type == "api_key") app.client_id = value;
    if (key.type == "app_secret") app.client_secret = value;
    if (key.type == "access_token") app.app_token = value;
  }
  std::stable_partition(newest_first.begin(), newest_first.end(),
                        [&](const std::string& key) { return key == host; });
  std::vector<AppRegistration> apps;
  for (const auto& key : newest_first) {
    auto& app = by_key[key];
    if (!app.client_id.empty() && !app.client_secret.empty()) apps.push_back(std::move(app));
  }
  return apps;
}

Status Book::keep(const AppRegistration& app) const {
  const auto key = app.kept_as.empty() ? prefix + app.redirect_uri : app.kept_as;
  const auto now = clock.now();
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"api_key", app.client_id}, {"app_secret", app.client_secret}, {"access_token", app.app_token}};
  return writer.write([&](store::Connection& connection) -> Status {
    for (const auto& [type, value] : parts) {
      // What is kept already is not written again, and keeps the end that a person gave it.
      const bool is_kept = !app.kept_as.empty() && type != "access_token";
      if (value.empty() || is_kept) continue;
      LINNET_CHECK(set_platform_credential(connection, platform, {std::string(type), key}, value, {}, box,
                                           actor, now));
    }
    return {};
  });
}

Status Book::forget(const AppRegistration& app) const {
  const auto now = clock.now();
  return writer.write([&](store::Connection& connection) {
    return retire_platform_credentials(connection, platform, app.kept_as, actor, now);
  });
}

}  // namespace

connect::KeptApps kept_apps(store::Database& database, store::Writer& writer, Clock& clock,
                            const SecretBox& box, const AppPlace& place, const std::string& actor) {
  const auto host = host_with_port(place.base_url);
  // A registration holds for the leave that it was made for, and for the address that the browser goes to.
  auto prefix = fmt::format("{} {} ", host, place.acts ? "act" : "read");
  const Book book{database, writer, clock, box, place.platform, host, std::move(prefix), actor};
  return {[book] { return book.list(); }, [book](const AppRegistration& app) { return book.keep(app); },
          [book](const AppRegistration& app) { return book.forget(app); }};
}

}  // namespace linnet::govern
