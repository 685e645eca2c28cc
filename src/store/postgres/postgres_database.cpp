#include "store/postgres/postgres_database.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <vector>

#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_dialect.hpp"

namespace linnet::store {

namespace {

// Takes the password before the host away, and hands each secret parameter to `edit(address, begin, end)`,
// where it stands from its separator to its end.
std::string edit_secrets(std::string address, auto edit) {
  const auto scheme = address.find("://");
  if (scheme == std::string::npos) return address;
  const auto host_end = std::min(address.find_first_of("/?", scheme + 3), address.size());
  const auto at = address.rfind('@', host_end);
  const auto colon = address.find(':', scheme + 3);
  if (at != std::string::npos && colon < at) address.erase(colon, at - colon);
  for (const std::string_view name : {"password=", "sslpassword="}) {
    for (const char before : {'?', '&'}) {
      const auto place = address.find(before + std::string(name));
      if (place == std::string::npos) continue;
      edit(address, place, std::min(address.find('&', place + 1), address.size()));
    }
  }
  return address;
}

// To connect by: a masked password would be tried. «?a&b» without a becomes «?b».
std::string address_without_secrets(std::string address) {
  return edit_secrets(std::move(address), [](std::string& text, std::size_t begin, std::size_t end) {
    const bool is_first = text[begin] == '?';
    const bool has_more = end < text.size();
    text.erase(is_first && has_more ? begin + 1 : begin, end - begin);
  });
}

}  // namespace

std::string address_without_password(std::string address) {
  return edit_secrets(std::move(address), [](std::string& text, std::size_t begin, std::size_t end) {
    const auto value = text.find('=', begin) + 1;
    text.replace(value, end - value, "***");
  });
}

namespace {

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::string address, const OpenOptions& options)
      : address_(std::move(address)), options_(options) {}

  [[nodiscard]] Engine engine() const override { return Engine::postgres; }
  [[nodiscard]] std::string description() const override { return address_without_password(address_); }

  Result<std::unique_ptr<Connection>> connect(Part) override {
    LINNET_TRY(auto connection, PostgresConnection::open(address_, false));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  Result<std::unique_ptr<Connection>> connect_or_give_up(Part) override {
    LINNET_TRY(auto connection,
               PostgresConnection::open(address_, false, PostgresConnection::Patience::brief));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  Result<Reader> reader() override {
    std::unique_lock lock(mutex_);
    const bool is_free = returned_.wait_for(lock, options_.reader_patience, [&] {
      return !idle_.empty() || open_ < options_.reader_connections || ReadsWithoutWaiting::is_on();
    });
    if (!is_free) return all_readers_busy();
    while (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->is_alive()) return Reader(this, std::move(connection));
      --open_;  // the server was started anew since it was last used
    }
    ++open_;
    lock.unlock();
    auto connection = PostgresConnection::open(address_, true);
    if (connection) return Reader(this, std::unique_ptr<Connection>(std::move(connection).value()));
    lock.lock();
    --open_;
    returned_.notify_one();
    return connection.error();
  }

  // PostgreSQL's own tool knows best how to copy one. The password goes to it by its environment: everybody
  // on the machine may read command lines.
  Status backup(const std::string& path) override {
    LINNET_TRY(const auto probe, PostgresConnection::open(address_, true));
    const auto address = address_without_secrets(address_);
    // Made before the fork: after it, what other threads held is held for ever.
    const char* const password = PQpass(probe->handle());
    const auto own = fmt::format("PGPASSWORD={}", password != nullptr ? password : "");
    std::vector<char*> environment;
    for (char** variable = environ; *variable != nullptr; ++variable) environment.push_back(*variable);
    if (password != nullptr && *password != '\0') environment.push_back(const_cast<char*>(own.c_str()));
    environment.push_back(nullptr);
    // Beside, so that an older copy goes only when the new one is whole.
    const auto fresh = path + ".new";
    std::error_code error;
    std::filesystem::remove(fresh, error);
    const std::vector<std::string> words{"pg_dump", "--file", fresh, "--dbname", address};
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      execvpe("pg_dump", arguments.data(), environment.data());
      _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      std::filesystem::remove(fresh, error);
      return unavailable("backup: pg_dump failed or is not installed; its own words stand above");
    }
    std::filesystem::permissions(
        fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    std::filesystem::rename(fresh, path, error);
    if (error) return unavailable(fmt::format("{}: {}", path, error.message()));
    return {};
  }

  Status checkpoint(Part) override { return {}; }

  Result<std::vector<PartSize>> sizes() override {
    LINNET_TRY(auto connection, reader());
    std::vector<PartSize> sizes{{Part::tables, 0}, {Part::log, 0}, {Part::search, 0}};
    LINNET_CHECK(for_each_row(
        *connection,
        "SELECT CASE WHEN relname LIKE 'event_%' THEN 1 WHEN relname LIKE '%search%' THEN 2 ELSE 0 END, "
        "sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = current_schema()::regnamespace GROUP BY 1",
        {}, [&](const Statement& row) {
          sizes[static_cast<std::size_t>(row.integer(0))].bytes = row.integer(1);
        }));
    return sizes;
  }

 protected:
  void give_back(std::unique_ptr<Connection> connection) override {
    {
      const std::scoped_lock lock(mutex_);
      if (open_ <= options_.reader_connections && connection->is_alive()) {
        idle_.push_back(std::move(connection));
      } else {
        --open_;
      }
    }
    returned_.notify_one();
  }

 private:
  const std::string address_;
  const OpenOptions options_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int open_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const std::string& address, const OpenOptions& options) {
  LINNET_TRY(const auto probe, PostgresConnection::open(address, false));
  return std::unique_ptr<Database>(std::make_unique<PostgresDatabase>(address, options));
}

}  // namespace linnet::store
