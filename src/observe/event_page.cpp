#include "observe/event_page.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/text.hpp"
#include "connect/private_lines.hpp"
#include "observe/event_log.hpp"
#include "store/record/members.hpp"

namespace linnet::observe {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostShown = std::size_t{1} << 20U;

bool is_for_everyone(std::string_view line) {
  using connect::KeptLine;
  return !connect::may_be_private(line, model::Reach::followers) ||
         connect::without_private(line, model::Reach::followers).kept == KeptLine::Kept::whole;
}

void show_line(std::string_view line, EventPage& page) {
  boost::system::error_code error;
  auto whole = json::parse({line.data(), line.size()}, error);
  if (error) {
    page.payload_raw = to_valid_utf8(line.substr(0, kMostShown));
    return;
  }
  const auto* const payload = whole.is_object() ? whole.get_object().if_contains("payload") : nullptr;
  if (payload == nullptr) {
    page.payload = std::move(whole);
    return;
  }
  page.payload = *payload;
  // A text that is an object itself, as some streams have it.
  if (!payload->is_string() || !payload->get_string().starts_with("{")) return;
  if (auto inner = json::parse(payload->get_string(), error); !error) page.payload = std::move(inner);
}

}  // namespace

LoggedItem for_everyone(LoggedItem item) {
  if (!item.is_for_few) return item;
  item.status_id.reset();
  item.left_out.reset();
  return item;
}

Result<EventPage> event_page(store::Connection& connection, EventId id, EventSight sight) {
  LINNET_TRY(const auto found, find_logged(connection, id));
  if (!found) return not_found(fmt::format("id: the log has no event {}", id.value()));
  const bool sees_few = sight != EventSight::everybody;
  EventPage page{sees_few ? *found : for_everyone(*found), {}, {}, {}};
  LINNET_CHECK(read_events(connection, id, id, [&](const LoggedEvent& logged) -> Status {
    const bool is_shown =
        sight == EventSight::all || ((sees_few || !found->is_for_few) && is_for_everyone(logged.line));
    if (is_shown) {
      show_line(logged.line, page);
    } else {
      page.withheld = found->instance ? "only followers of the author see what this is about"
                                      : "it may name posts that only followers of their authors see";
    }
    return {};
  }));
  return page;
}

}  // namespace linnet::observe

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::observe::EventPage>() {
  using linnet::observe::EventPage;
  static const auto described = entity<EventPage>(
      {.name = "LoggedEventDetail", .bases = {within<&EventPage::item>()}},
      {field<&EventPage::payload>("payload").means("What came in; null: it is not shown, or no JSON"),
       field<&EventPage::payload_raw>("payload_raw").left_out_when_null().means("What is no JSON"),
       field<&EventPage::withheld>("withheld").left_out_when_null().means("Why it is not shown")});
  return described;
}
