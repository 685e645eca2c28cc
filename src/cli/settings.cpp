#include "cli/settings.hpp"

#include <arpa/inet.h>

#include <array>

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/local_time.hpp"
#include "base/text.hpp"
#include "base/without_secrets.hpp"
#include "cli/retention_jobs.hpp"
#include "connect/did.hpp"
#include "jobs/cron_expression.hpp"
#include "net/trusted_proxies.hpp"
#include "net/url.hpp"

namespace linnet::cli {
namespace {

// Takes the text over, or says what was expected.
using Apply = bool (*)(Settings& settings, std::string_view text);

struct Definition {
  std::string_view name;
  std::string_view fallback;
  std::string_view expected;
  std::string_view help;
  Apply apply;
  // In the words of whoever reads such a text; else `expected` is said.
  std::string (*what_is_wrong)(std::string_view text) = nullptr;
};

bool apply_db(Settings& settings, std::string_view text) {
  settings.db = text;
  return text.empty() || text.starts_with("sqlite:") || text.starts_with("postgres://") ||
         text.starts_with("postgresql://");
}

// Anything but this machine's own addresses needs passwords, which `serve` looks at.
bool apply_listen(Settings& settings, std::string_view text) {
  settings.listen = text;
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return text == "localhost" || inet_pton(AF_INET, settings.listen.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, settings.listen.c_str(), address.data()) == 1;
}

bool apply_port(Settings& settings, std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), settings.port);
  return error == std::errc() && end == text.data() + text.size();
}

bool apply_trusted_proxies(Settings& settings, std::string_view text) {
  settings.trusted_proxies = text;
  return static_cast<bool>(net::TrustedProxies::parse(text));
}

// What stands between spaces and commas.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = text.find_first_not_of(" ,\t");
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(" ,\t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

// As browsers write it in Host: in ASCII, without port.
bool apply_allowed_hosts(Settings& settings, std::string_view text) {
  settings.allowed_hosts.clear();
  for (const auto word : words_of(text)) {
    const auto url = net::parse_url("https://" + std::string(word));
    const bool is_name = word.starts_with('[') ? word.ends_with(']') : word.find(':') == word.npos;
    if (!url || !is_name || word.find_first_of("/?#") != word.npos) return false;
    settings.allowed_hosts.push_back(url->host);
  }
  return true;
}

bool apply_allowed_origins(Settings& settings, std::string_view text) {
  settings.allowed_origins.clear();
  for (const auto word : words_of(text)) {
    const auto url = net::parse_url(word);
    if (!url || url->target() != "/" || (url->scheme != "https" && url->scheme != "http")) return false;
    settings.allowed_origins.push_back(url->origin());
  }
  return true;
}

bool apply_log_level(Settings& settings, std::string_view text) {
  settings.log_level = text;
  return text == "debug" || text == "info" || text == "warn" || text == "error";
}

bool apply_redact(Settings& settings, std::string_view text) {
  settings.redact_on_delete = text == "true";
  return text == "true" || text == "false";
}

bool apply_keep_followers_only(Settings& settings, std::string_view text) {
  settings.keep_followers_only = text == "true";
  return text == "true" || text == "false";
}

bool apply_keep_events(Settings& settings, std::string_view text) {
  const auto age = parse_duration("keep_events", text);
  if (age) settings.keep_events = *age;
  return static_cast<bool>(age);
}

// Five fields of cron, and a time zone behind them.
Status read_backups(std::string_view text, std::string& schedule, std::string& zone) {
  text = trim(text);
  schedule.clear();
  zone = "UTC";
  if (text.empty()) return {};
  if (const auto last = text.find_last_of(" \t");
      last != text.npos && check_time_zone("", text.substr(last + 1))) {
    zone = text.substr(last + 1);
    text = text.substr(0, last);
  }
  LINNET_TRY(const auto cron, jobs::CronExpression::parse("backups", text));
  schedule = cron.text();
  return {};
}

bool apply_backups(Settings& settings, std::string_view text) {
  return read_backups(text, settings.backups, settings.backups_zone).ok();
}

std::string what_of_backups(std::string_view text) {
  std::string schedule;
  std::string zone;
  const auto read = read_backups(text, schedule, zone);
  return read ? std::string() : read.error().safe;
}

bool apply_keep_backups(Settings& settings, std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), settings.keep_backups);
  return error == std::errc() && end == text.data() + text.size() && settings.keep_backups >= 1 &&
         settings.keep_backups <= 10'000;
}

bool apply_keep_posts_unengaged(Settings& settings, std::string_view text) {
  const auto age = parse_keep_posts("keep_posts_unengaged", text);
  if (age) settings.keep_posts_unengaged = *age;
  return static_cast<bool>(age);
}

bool apply_plc_directory(Settings& settings, std::string_view text) {
  auto url = net::normalise_instance_url(text);
  if (url) settings.platforms.plc_directory = std::move(*url);
  return static_cast<bool>(url);
}

bool apply_chat_service(Settings& settings, std::string_view text) {
  settings.platforms.chat_service = text;
  return connect::is_did(text);
}

// What is wrong with it in words comes from checking it once more.
bool apply_salience(Settings& settings, std::string_view text) {
  auto given = salience::parse_salience_settings(text);
  if (given) settings.salience_settings = std::move(*given);
  return static_cast<bool>(given);
}

bool apply_allowed_networks(Settings& settings, std::string_view text) {
  auto networks = net::parse_networks(text);
  if (networks) settings.allowed_networks = std::move(*networks);
  return static_cast<bool>(networks);
}

// As they are written, so that the next is tried when one fails.
bool apply_jetstream(Settings& settings, std::string_view text) {
  settings.platforms.jetstream_servers.clear();
  while (!(text = trim(text)).empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto url = net::parse_url(text.substr(0, end));
    if (!url || (url->scheme != "wss" && url->scheme != "ws")) return false;
    settings.platforms.jetstream_servers.push_back(url->path == "/" ? url->origin() + "/subscribe"
                                                                    : url->to_string());
    text.remove_prefix(end);
  }
  return !settings.platforms.jetstream_servers.empty();
}

bool apply_jetstream_dictionary(Settings& settings, std::string_view text) {
  settings.platforms.jetstream_dictionary = text;
  return true;
}

constexpr Definition kDefinitions[] = {
    {"db", "", "sqlite:PATH or postgres://…", "Database; empty is linnet.db in the data folder", apply_db},
    {"listen", "127.0.0.1", "an IP address; others than 127.0.0.1 and ::1 need an admin with a password",
     "Address of the API and the web app", apply_listen},
    {"port", "7450", "a port from 0 to 65535; 0 is any that is free", "Port of the API and the web app",
     apply_port},
    {"trusted_proxies", "127.0.0.1, ::1",
     "addresses and ranges, such as \"127.0.0.1, 10.0.0.0/8\", or \"none\"",
     "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed", apply_trusted_proxies},
    {"allowed_hosts", "", "names such as linnet.example, with spaces between",
     "Names that a proxy in front is called by and passes on as Host", apply_allowed_hosts},
    {"allowed_origins", "", "addresses of sites such as https://board.example, with spaces between",
     "Other sites whose pages may ask this one", apply_allowed_origins},
    {"log_level", "info", "debug, info, warn or error", "What is written to standard error", apply_log_level},
    {"redact_on_delete", "false", "true or false", "Empty the text of posts that their authors deleted",
     apply_redact},
    {"keep_followers_only", "true", "true or false",
     "Keep posts that only the followers of their author see; lists leave them out all the same",
     apply_keep_followers_only},
    {"keep_events", "30d", "a time such as 30d or 12h",
     "How long linnet retention run keeps the event log; posts stay", apply_keep_events},
    {"backups", "",
     "minute, hour, day of the month, month and weekday as cron writes them, such as \"30 2 * * *\" or \"30 "
     "2 * * * Europe/Berlin\"",
     "When the database is copied into the folder backups; empty: when it is asked for", apply_backups,
     what_of_backups},
    {"keep_backups", "7", "a number from 1 to 10000",
     "How many of those copies are kept; what was asked for stays", apply_keep_backups},
    {"keep_posts_unengaged", "forever", "a time of at least 7d, such as 90d, or forever",
     "How long posts stay that nobody here wrote, liked, answered or has another action about",
     apply_keep_posts_unengaged},
    {"plc_directory", "https://plc.directory", "the address of a server",
     "Where the AT Protocol's DIDs are looked up", apply_plc_directory},
    {"bluesky_chat", "did:web:api.bsky.chat", "a DID such as did:web:api.bsky.chat",
     "The service that keeps Bluesky's direct messages", apply_chat_service},
    {"allowed_networks", "", "networks such as 192.168.1.0/24 or fd00::/8, with spaces between them",
     "Private networks in which instances may stand; others than the public internet are refused",
     apply_allowed_networks},
    {"jetstream",
     "wss://jetstream2.us-east.bsky.network wss://jetstream1.us-west.bsky.network "
     "wss://jetstream1.us-east.bsky.network wss://jetstream2.us-west.bsky.network",
     "addresses such as wss://jetstream.example, with spaces between", "Where Bluesky is read, tried in turn",
     apply_jetstream},
    {"salience", "",
     "NAME=VALUE with commas between, such as \"message=1.5, cap_channel=200, focus.SERVER=2\"; "
     "docs/topics.md "
     "has the names",
     "By which numbers topics earn attention, where they are others than Linnet's own", apply_salience},
    {"jetstream_dictionary", "", "a path", "Jetstream's zstd dictionary; empty: it is read uncompressed",
     apply_jetstream_dictionary},
};

struct Given {
  std::string text;
  std::string origin;
};
using GivenByName = std::map<std::string, Given, std::less<>>;

std::string variable_of(std::string_view name) {
  std::string variable = "LINNET_";
  for (const char c : name) variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

std::string known_names() {
  std::string names;
  for (const auto& definition : kDefinitions) {
    if (!names.empty()) names += ", ";
    names += definition.name;
  }
  return names;
}

Result<std::string> text_of(const toml::node& node, const std::string& origin, std::string_view name) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto flag = node.value_exact<bool>()) return std::string(*flag ? "true" : "false");
  return invalid(fmt::format("{}: {}: expected text, a number, true or false", origin, name));
}

Status read_file(const std::string& path, GivenByName& given) {
  if (!std::filesystem::exists(path)) return {};
  try {
    const auto table = toml::parse_file(path);
    for (const auto& [key, node] : table) {
      const std::string_view name = key.str();
      const auto origin = fmt::format("{}:{}", path, node.source().begin.line);
      const bool is_known = std::any_of(std::begin(kDefinitions), std::end(kDefinitions),
                                        [&](const Definition& known) { return known.name == name; });
      if (!is_known) {
        return invalid(fmt::format("{}: there is no setting {}; there are {}", origin,
                                   truncate_utf8(name, 40), known_names()));
      }
      LINNET_TRY(auto text, text_of(node, origin, name));
      given[std::string(name)] = {std::move(text), origin};
    }
  } catch (const toml::parse_error& error) {
    return invalid(fmt::format("{}:{}: expected a line such as port = 7450 or log_level = \"info\" ({})",
                               path, error.source().begin.line, error.description()));
  }
  return {};
}

void read_environment(GivenByName& given) {
  for (const auto& definition : kDefinitions) {
    const auto variable = variable_of(definition.name);
    if (const char* const value = std::getenv(variable.c_str()); value != nullptr)
      given[std::string(definition.name)] = {value, variable};
  }
}

// The line that sets it, in a file that may be no TOML otherwise; empty: there is none.
std::string db_line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const auto text = trim(line);
    if (text.starts_with('[')) return {};  // what follows is within a table
    if (!text.starts_with("db")) continue;
    if (trim(text.substr(2)).starts_with('=')) return std::string(text);
  }
  return {};
}

}  // namespace

Result<std::string> load_db_setting(const std::string& data_folder) {
  const auto path = data_folder + "/linnet.toml";
  std::string text;
  if (const char* const variable = std::getenv("LINNET_DB"); variable != nullptr) {
    text = variable;
  } else if (const auto line = db_line_of(path); !line.empty()) {
    try {
      const auto table = toml::parse(line);
      if (const auto* const node = table.get("db"); node != nullptr) {
        LINNET_TRY(text, text_of(*node, path, "db"));
      }
    } catch (const toml::parse_error& error) {
      return invalid(fmt::format("{}: db: {}; name the database by --db", path, error.description()));
    }
  }
  Settings settings;
  if (!apply_db(settings, text))
    return invalid(fmt::format("{}: db: expected sqlite:PATH or postgres://…, got \"{}\"", path,
                               truncate_utf8(without_secrets(text), 60)));
  return text;
}

Result<LoadedSettings> load_settings(const std::string& data_folder) {
  GivenByName given;
  LINNET_CHECK(read_file(data_folder + "/linnet.toml", given));
  read_environment(given);
  LoadedSettings loaded;
  for (const auto& definition : kDefinitions) {
    const auto place = given.find(definition.name);
    const bool is_default = place == given.end();
    const std::string value = is_default ? std::string(definition.fallback) : place->second.text;
    SettingView view{definition.name, definition.help, variable_of(definition.name), without_secrets(value),
                     is_default ? "default" : place->second.origin};
    if (!definition.apply(loaded.settings, value) && definition.what_is_wrong != nullptr)
      return invalid(fmt::format("{}: {}", view.origin, definition.what_is_wrong(value)));
    if (!definition.apply(loaded.settings, value)) {
      return invalid(fmt::format("{}: {}: expected {}, got \"{}\"", view.origin, view.name,
                                 definition.expected, truncate_utf8(view.value, 60)));
    }
    loaded.views.push_back(std::move(view));
  }
  return loaded;
}

}  // namespace linnet::cli
