// Blocklists of other servers: what is read is as it is kept, and comes back from what is written of it.
#include "govern/blocklist_csv.hpp"

#include <algorithm>

#include "expect.hpp"

using linnet::fuzz::expect;
using namespace linnet::govern;

namespace {

constexpr linnet::Instant kNow(std::chrono::hours(1));

bool is_same(const BlocklistEntry& a, const BlocklistEntry& b) {
  return a.type == b.type && a.match == b.match && a.value == b.value && a.reason == b.reason &&
         a.platform == b.platform && a.expires_at == b.expires_at;
}

void expect_back(const std::vector<BlocklistEntry>& all, EntryType type, const std::string& csv) {
  std::vector<BlocklistEntry> written;
  std::copy_if(all.begin(), all.end(), std::back_inserter(written),
               [&](const BlocklistEntry& entry) { return entry.type == type; });
  const auto again = read_blocklist_csv(csv, {}, Silenced::blocked, kNow);
  expect(again && again->problems.empty());
  expect(std::equal(written.begin(), written.end(), again->entries.begin(), again->entries.end(), is_same));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto csv = linnet::fuzz::text_of(data, size);
  BlocklistEntry like;
  like.reason = "imported";
  const auto import = read_blocklist_csv(csv, like, Silenced::blocked, kNow);
  if (!import) return 0;
  const auto lines = static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) + 1;
  std::size_t last = 0;
  for (const auto& problem : import->problems) {
    expect(problem.line > last && problem.line <= lines && !problem.what.empty());
    last = problem.line;
  }
  for (const auto& entry : import->entries) {
    const auto again = normalise(entry, kNow);
    expect(again && is_same(*again, entry));
  }
  expect_back(import->entries, EntryType::user, users_to_csv(import->entries));
  expect_back(import->entries, EntryType::domain, domains_to_csv(import->entries));
  return 0;
}
