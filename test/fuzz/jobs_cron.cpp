// A schedule as somebody may write it: what is taken names a time that comes after the moment, the same each
// time it is read.
#include "expect.hpp"
#include "jobs/cron_expression.hpp"

using linnet::fuzz::expect;
using namespace linnet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto cron = jobs::CronExpression::parse("schedule", text);
  if (!cron) {
    expect(cron.error().safe.starts_with("schedule: "));
    return 0;
  }
  const auto again = jobs::CronExpression::parse("schedule", cron->text());
  expect(again && again->text() == cron->text());
  for (const char* const zone : {"UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"}) {
    for (const auto* const moment : {"2011-12-29T20:00:00Z", "2026-03-29T00:59:59Z", "2026-10-25T00:30:00Z"}) {
      const auto now = *parse_iso8601(moment);
      const auto next = cron->next_after(now, zone);
      expect(next && *next > now && again->next_after(now, zone).value() == *next);
    }
  }
  return 0;
}
