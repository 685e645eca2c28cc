#include "base/instant.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace linnet {
namespace {

namespace chr = std::chrono;

// Reads exactly `digits` decimal digits at the front of `text` and drops them.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = text[i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<chr::sys_days> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || *year < 1) return std::nullopt;
  const chr::year_month_day date{chr::year{*year}, chr::month{static_cast<unsigned>(*month)},
                                 chr::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return chr::sys_days{date};
}

std::optional<Duration> take_fraction(std::string_view& text) {
  if (!take(text, '.') && !take(text, ',')) return Duration{0};
  std::int64_t micros = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 6) micros = micros * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 6; ++digits) micros *= 10;
  return Duration{micros};
}

std::optional<Duration> take_clock(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  if (!take(text, ':')) return chr::hours{*hour} + chr::minutes{*minute};
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second, counted into the next minute
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  return chr::hours{*hour} + chr::minutes{*minute} + chr::seconds{*second} + *fraction;
}

std::optional<Duration> take_offset(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return Duration{0};
  const bool minus = text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  take(text, ':');
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const Duration offset = chr::hours{*hour} + chr::minutes{*minute};
  return minus ? -offset : offset;
}

std::optional<Duration> duration_unit(char unit) {
  switch (unit) {
    case 's':
      return chr::seconds{1};
    case 'm':
      return chr::minutes{1};
    case 'h':
      return chr::hours{1};
    case 'd':
      return chr::hours{24};
    case 'w':
      return chr::hours{24 * 7};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string to_iso8601(Instant t) {
  const auto day = chr::floor<chr::days>(t);
  const chr::year_month_day date{day};
  const chr::hh_mm_ss clock{t - day};
  const auto micros = clock.subseconds().count();
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                          clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  text += micros % 1000 == 0 ? fmt::format(".{:03}Z", micros / 1000) : fmt::format(".{:06}Z", micros);
  return text;
}

std::optional<Instant> parse_iso8601(std::string_view text) {
  const auto day = take_date(text);
  if (!day) return std::nullopt;
  if (text.empty()) return Instant{*day};
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const Instant t = Instant{*day} + *clock - *offset;
  // An offset may carry the first or last day out of the years that ISO 8601 can write.
  constexpr Instant kFirst = chr::sys_days{chr::year{1} / 1 / 1};
  constexpr Instant kEnd = chr::sys_days{chr::year{10000} / 1 / 1};
  if (t < kFirst || t >= kEnd) return std::nullopt;
  return t;
}

Result<Instant> parse_instant(std::string_view field, std::string_view text) {
  if (const auto t = parse_iso8601(text)) return *t;
  return invalid(
      fmt::format("{}: expected a time such as 2026-08-01T13:49:42Z, got \"{}\"", field, text.substr(0, 60)));
}

Result<Instant> parse_zoned_instant(std::string_view field, std::string_view text) {
  LINNET_TRY(const auto t, parse_instant(field, text));
  constexpr std::size_t kDate = 10;  // whose own hyphens are no offset
  if (text.size() > kDate && text.find_first_of("Zz+-", kDate) != std::string_view::npos) return t;
  return invalid(fmt::format(
      "{}: \"{}\" does not say by which clock; add Z for UTC or an offset, such as 2026-08-01T09:00:00+02:00",
      field, text.substr(0, 60)));
}

Result<Duration> parse_duration(std::string_view field, std::string_view text) {
  const auto wrong = [&] {
    return invalid(fmt::format("{}: expected a duration such as 30s, 15m, 1h, 7d or 1h30m, got \"{}\"", field,
                               text.substr(0, 60)));
  };
  constexpr Duration kLongest = chr::days{36'500};
  Duration total{0};
  std::string_view rest = text;
  while (!rest.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (error != std::errc{} || count < 0 || end == rest.data() + rest.size()) return wrong();
    const auto unit = duration_unit(*end);
    if (!unit || count > kLongest / *unit) return wrong();
    total += *unit * count;
    if (total > kLongest) return wrong();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  }
  if (total <= Duration{0}) return wrong();
  return total;
}

}  // namespace linnet
