// The blocklist.
#include <fmt/format.h>

#include "act/block_check.hpp"
#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "connect/every_platform.hpp"
#include "govern/blocklist_csv.hpp"
#include "model/platform.hpp"
#include "net/url.hpp"

namespace linnet::api {
namespace {

using govern::Permission;

constexpr std::size_t kMostLinks = 1'000;

Result<Page<govern::BlocklistEntry>> blocklist(const Call& call) {
  const Parameters given(call.request);
  govern::BlocklistQuery query;
  query.text = given.text("query");
  query.after = given.text("cursor");
  LINNET_TRY(query.limit, given.integer("limit", 100, 1, 1'000));
  if (const auto type = given.text("type"); !type.empty()) {
    query.type = govern::parse_entry_type(type);
    if (!query.type) return invalid("type: expected user, post, keyword or domain");
  }
  if (const auto by = given.text("added_by"); !by.empty()) {
    query.added_by = govern::parse_added_by(by);
    if (!query.added_by) return invalid("added_by: expected user, system or opt_out");
  }
  Page<govern::BlocklistEntry> page;
  LINNET_TRY(page.items, call.api.dependencies.blocklist->list(query));
  if (static_cast<std::int64_t>(page.items.size()) == query.limit) page.next = page.items.back().id;
  return page;
}

struct NewBlock {
  govern::EntryType type{};
  govern::MatchType match = govern::MatchType::exact;
  std::string value;
  std::string platform;
  std::string reason;
  std::optional<Instant> expires_at;
};
Result<govern::BlocklistEntry> add_block(const Call& call, const NewBlock& wanted) {
  govern::BlocklistEntry entry;
  entry.type = wanted.type;
  entry.match = wanted.match;
  entry.value = wanted.value;
  entry.platform = wanted.platform;
  entry.reason = wanted.reason;
  entry.expires_at = wanted.expires_at;
  entry.added_by_user = call.who.name;
  return call.api.dependencies.blocklist->add(std::move(entry));
}

Result<Removed> remove_block(const Call& call) {
  LINNET_CHECK(call.api.dependencies.blocklist->remove(call.path[0], call.who.name));
  return Removed();
}

// "example.social" of "https://example.social".
Result<std::string> read_host(const std::string& server) {
  const auto origin = net::normalise_instance_url(server);
  if (!origin)
    return invalid(fmt::format("server: expected the address of a server such as example.social, got \"{}\"",
                               server.substr(0, 60)));
  LINNET_TRY(const auto url, net::parse_url(*origin));
  return url.host;
}

// What people give for a person is an address, or an id of one server or of all.
void put_person(const std::string& given, act::BlockQuestion& question) {
  const bool is_number = !given.empty() && given.find_first_not_of("0123456789") == std::string::npos;
  const bool is_id = is_number || given.starts_with("did:");
  const bool is_address = given.find('@') != std::string::npos;
  if (!is_address) question.user_id = given;
  if (!is_id) question.user_name = given;
}

struct BlockTest {
  std::string platform = std::string(connect::default_platform().name);
  std::string server, user, bio, post, text;
  std::vector<std::string> links;
};
// What the gate would say.
struct BlockHit {
  std::string reason;
  bool is_opt_out = false;
  std::optional<std::string> entry_id;
};
// Every entry that fits.
struct BlockTestPage {
  std::vector<govern::BlocklistEntry> items;
  std::optional<std::string> next;
  std::optional<BlockHit> hit;
};
Result<BlockTestPage> test_block(const Call& call, const BlockTest& given) {
  if (given.links.size() > kMostLinks)
    return invalid(fmt::format("links: expected at most {} texts, got {}", kMostLinks, given.links.size()));
  act::BlockQuestion question;
  question.user_bio = given.bio;
  question.post_id = given.post;
  question.links = given.links;
  LINNET_TRY(question.platform, model::read_platform("platform", given.platform, ", the one to look at"));
  if (!given.server.empty()) {
    LINNET_TRY(question.server, read_host(given.server));
  }
  if (govern::has_global_ids(question.platform)) question.server.clear();
  put_person(given.user, question);
  question.texts.push_back(given.text);
  auto& list = *call.api.dependencies.blocklist;
  BlockTestPage page;
  LINNET_TRY(page.items, list.check_all(act::subject_of(question)));
  LINNET_TRY(const auto hit, list.check(act::subject_of(question), question.user_bio));
  if (!hit) return page;
  page.hit = BlockHit{hit->reason, hit->is_opt_out, {}};
  if (!hit->entry_id.empty()) page.hit->entry_id = hit->entry_id;
  return page;
}

// As a file that Mastodon reads; opt-outs stay here.
Answer export_blocks(const Call& call) {
  const auto kind = Parameters(call.request).text("kind");
  if (kind != "domains" && kind != "users")
    return invalid(fmt::format("kind: expected domains or users, got \"{}\"", kind.substr(0, 40)));
  LINNET_TRY(const auto entries, call.api.dependencies.blocklist->all());
  call.headers.add("Content-Disposition", fmt::format("attachment; filename=\"linnet-{}.csv\"", kind));
  return boost::json::value(kind == "domains" ? govern::domains_to_csv(entries)
                                              : govern::users_to_csv(entries));
}

struct BlocklistFile {
  std::string csv;
  std::string reason = "imported";
  bool with_silenced = false;
  bool accounts = false;
};
struct LineLeftOut {
  std::int64_t line = 0;
  std::string problem;
};
struct BlocklistImported {
  std::int64_t added = 0;
  std::int64_t there_already = 0;
  std::vector<LineLeftOut> problems;
};
Result<BlocklistImported> import_blocks(const Call& call, const BlocklistFile& file) {
  govern::BlocklistEntry like;
  like.reason = file.reason;
  like.added_by_user = call.who.name;
  const auto& given = call.api.dependencies;
  const auto silenced = file.with_silenced ? govern::Silenced::blocked : govern::Silenced::left_out;
  const auto accounts = file.accounts ? govern::AccountLists::blocked : govern::AccountLists::refused;
  const auto import = govern::read_blocklist(file.csv, like, silenced, given.clock.now(), accounts);
  if (!import) return invalid(fmt::format("csv: {}", import.error().safe));
  LINNET_TRY(const auto added, given.blocklist->add_all(import->entries));
  BlocklistImported done;
  done.added = static_cast<std::int64_t>(added);
  done.there_already = static_cast<std::int64_t>(import->entries.size() - added);
  for (const auto& problem : import->problems)
    done.problems.push_back({static_cast<std::int64_t>(problem.line), problem.what});
  return done;
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<NewBlock>() {
  static const auto described = entity<NewBlock>(
      {.name = "NewBlock",
       .example = R"({"entry_type":"domain","match_type":"exact","value":"spam.example","reason":"spam"})"},
      {field<&NewBlock::type>("entry_type").required(), field<&NewBlock::match>("match_type"),
       field<&NewBlock::value>("value").required(),
       field<&NewBlock::platform>("platform").means("Absent: all"),
       field<&NewBlock::reason>("reason").required().at_most(kLongestReason),
       field<&NewBlock::expires_at>("expires_at")});
  return described;
}
template <>
const Entity& entity_of<BlockTest>() {
  using Test = BlockTest;
  static const auto described =
      entity<Test>({.name = "BlockTest", .example = R"({"platform":"mastodon","user":"ada@example.social"})"},
                   {field<&Test::platform>("platform"), field<&Test::server>("server"),
                    field<&Test::user>("user").like("ada@example.social").means("An id or an address"),
                    field<&Test::bio>("bio").at_most(kLongestPost), field<&Test::post>("post"),
                    field<&Test::text>("text").at_most(kLongestPost), field<&Test::links>("links")});
  return described;
}
template <>
const Entity& entity_of<BlockHit>() {
  static const auto described = entity<BlockHit>(
      {.name = "BlockHit"}, {field<&BlockHit::reason>("reason"), field<&BlockHit::is_opt_out>("is_opt_out"),
                             field<&BlockHit::entry_id>("entry_id")});
  return described;
}
template <>
const Entity& entity_of<BlockTestPage>() {
  using Page = BlockTestPage;
  static const auto described =
      entity<Page>({.name = "BlockTestPage"}, {field<&Page::items>("items"), field<&Page::next>("next"),
                                               field<&Page::hit>("hit").means("What the gate would say")});
  return described;
}
template <>
const Entity& entity_of<BlocklistFile>() {
  using File = BlocklistFile;
  static const auto described = entity<File>(
      {.name = "BlocklistFile"},
      {field<&File::csv>("csv").at_most(kLargeBody).like("#domain,#severity\nspam.example,suspend"),
       field<&File::reason>("reason").at_most(kLongestReason).like("imported"),
       field<&File::with_silenced>("with_silenced").means("Those that are only limited as well"),
       field<&File::accounts>("accounts").means("A list of accounts that does not say what it is")});
  return described;
}
template <>
const Entity& entity_of<LineLeftOut>() {
  static const auto described = entity<LineLeftOut>(
      {.name = "LineLeftOut"}, {field<&LineLeftOut::line>("line"), field<&LineLeftOut::problem>("problem")});
  return described;
}
template <>
const Entity& entity_of<BlocklistImported>() {
  using Done = BlocklistImported;
  static const auto described =
      entity<Done>({.name = "BlocklistImported"},
                   {field<&Done::added>("added"), field<&Done::there_already>("there_already"),
                    field<&Done::problems>("problems")});
  return described;
}
}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> blocklist_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      typed({Permission::read,
             Method::get,
             "/api/v1/blocklist",
             "Whom and what Linnet never deals with",
             {"query", "type", "added_by", "limit", "cursor"},
             {},
             200,
             kLive},
            blocklist),
      typed({Permission::rules, Method::post, "/api/v1/blocklist", "Add an entry", {}, {}, 201, kLive},
            add_block),
      with_body(kLargeBody, typed({Permission::rules,
                                   Method::post,
                                   "/api/v1/blocklist/import",
                                   "Mastodon's CSV",
                                   {},
                                   {},
                                   200,
                                   kLive},
                                  import_blocks)),
      {Permission::read,
       Method::get,
       "/api/v1/blocklist/export",
       "Its domains or users as Mastodon's CSV; opt-outs are left out",
       {"kind"},
       export_blocks,
       200,
       kLive,
       "text/csv"},
      typed({Permission::read,
             Method::post,
             "/api/v1/blocklist/test",
             "What would stand against it",
             {},
             {},
             200,
             kLive},
            test_block),
      typed({Permission::rules,
             Method::post,
             "/api/v1/blocklist/{id}/remove",
             "Take an entry away",
             {},
             {},
             200,
             kLive},
            remove_block),
  };
}

}  // namespace linnet::api
