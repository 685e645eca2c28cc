#include "api/parameters.hpp"

#include <fmt/format.h>

#include <charconv>

#include "model/instances.hpp"

namespace linnet::api {
namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::string Parameters::text(std::string_view name) const {
  return request_.query(name).value_or("");
}

Result<std::int64_t> Parameters::integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                                         std::int64_t most) const {
  const auto given = request_.query(name);
  if (!given) return fallback;
  const auto number = number_in(*given);
  if (number && *number >= least && *number <= most) return *number;
  return invalid(fmt::format("{}: expected a whole number from {} to {}, got \"{}\"", name, least, most,
                             given->substr(0, 40)));
}

Result<bool> Parameters::flag(std::string_view name) const {
  const auto given = request_.query(name);
  if (!given || *given == "false" || *given == "0") return false;
  if (*given == "true" || *given == "1" || given->empty()) return true;
  return invalid(fmt::format("{}: expected true or false, got \"{}\"", name, given->substr(0, 40)));
}

Result<std::optional<Instant>> Parameters::time(std::string_view name) const {
  const auto given = request_.query(name);
  if (!given || given->empty()) return std::optional<Instant>();
  LINNET_TRY(const auto t, parse_instant(name, *given));
  return std::optional(t);
}

Result<Duration> Parameters::duration(std::string_view name, Duration fallback) const {
  const auto given = request_.query(name);
  if (!given || given->empty()) return fallback;
  return parse_duration(name, *given);
}

Result<std::optional<InstanceId>> Parameters::instance(store::Connection& connection) const {
  const auto given = request_.query("instance");
  if (!given || given->empty()) return std::optional<InstanceId>();
  if (const auto number = number_in(*given)) return std::optional(InstanceId(*number));
  LINNET_TRY(const auto id, model::instance_at(connection, *given));
  if (!id)
    return not_found(fmt::format("instance: \"{}\" is not watched; /api/v1/instances lists those that are",
                                 given->substr(0, 80)));
  return id;
}

}  // namespace linnet::api
