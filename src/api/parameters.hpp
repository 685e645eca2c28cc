// Query parameters, checked where they come in: an error names the parameter, what was expected and what to
// do.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "net/http_message.hpp"
#include "store/connection.hpp"

namespace linnet::api {

class Parameters {
 public:
  explicit Parameters(const net::Request& request) : request_(request) {}

  [[nodiscard]] std::string text(std::string_view name) const;  // "" when absent
  [[nodiscard]] Result<std::int64_t> integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                                             std::int64_t most) const;
  [[nodiscard]] Result<bool> flag(std::string_view name) const;  // true, false; absent is false
  [[nodiscard]] Result<std::optional<Instant>> time(std::string_view name) const;
  [[nodiscard]] Result<Duration> duration(std::string_view name, Duration fallback) const;
  // A base URL or the number of an instance.
  [[nodiscard]] Result<std::optional<InstanceId>> instance(store::Connection& connection) const;

 private:
  const net::Request& request_;
};

}  // namespace linnet::api
