#include "connect/bluesky/handle_lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "base/log.hpp"
#include "connect/bluesky/identity.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/bluesky/resolve_handle.hpp"
#include "connect/budgeted_send.hpp"
#include "connect/event_line.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostQuestions = 10'000;
constexpr int kMostAttempts = 4;
constexpr Duration kFirstWait = std::chrono::seconds{30};
constexpr Duration kTimeout = std::chrono::seconds{10};

// com.atproto.repo.describeRepo: «handleIsCorrect» says that handle and account point at each other.
Result<std::string> described_handle(net::HttpTransport& transport, RequestBudget& budget,
                                     const std::string& service, const std::string& did,
                                     const std::stop_token& stop) {
  net::HttpRequest request;
  request.url = net::with_query(service + "/xrpc/com.atproto.repo.describeRepo", {{"repo", did}});
  request.timeout = kTimeout;
  request.max_body_bytes = 1U << 20U;
  LINNET_TRY(const auto response,
             send_in_budget(transport, budget, request, stop, {.priority = Priority::background}));
  LINNET_CHECK(net::check_status(response, request.url));
  boost::system::error_code code;
  const auto body = json::parse(response.body, code);
  const auto* const account = code ? nullptr : body.if_object();
  if (account == nullptr || text_view_in(*account, "did") != did)
    return unavailable(fmt::format("{} did not describe {}", service, did));
  const auto* const correct = account->if_contains("handleIsCorrect");
  if (correct == nullptr || !correct->is_bool() || !correct->get_bool()) return std::string();
  return std::string(text_view_in(*account, "handle"));
}

// The account's document names a handle, which has to name the account in turn.
Result<std::string> documented_handle(net::HttpTransport& transport, RequestBudget& budget,
                                      const HandleSources& sources, const std::string& did,
                                      const std::stop_token& stop) {
  LINNET_TRY(auto identity, resolve_identity(transport, budget, did, sources.plc_directory, stop));
  if (!is_handle(identity.handle)) return std::string();
  LINNET_TRY(const auto owner, resolve_handle(transport, budget, sources.network, identity.handle, stop));
  return owner == did ? std::move(identity.handle) : std::string();
}

std::string identity_line(const std::string& did, const std::string& handle, Instant now) {
  const json::object message{{"did", did},
                             {"time_us", to_micros(now)},
                             {"kind", "identity"},
                             {"identity", json::object{{"did", did}, {"handle", handle}}}};
  return make_event_line(now, "identity", json::serialize(message), "bluesky");
}

}  // namespace

Result<std::string> find_handle(net::HttpTransport& transport, RequestBudget& budget,
                                const HandleSources& sources, const std::string& did,
                                const std::stop_token& stop) {
  auto handle = described_handle(transport, budget, sources.network, did, stop);
  if (!handle) handle = documented_handle(transport, budget, sources, did, stop);
  if (handle && !is_handle(*handle)) return std::string();
  return handle;
}

HandleLookup::HandleLookup(net::HttpTransport& transport, EventSink& sink, Clock& clock,
                           HandleSources sources)
    : transport_(transport),
      sink_(sink),
      clock_(clock),
      sources_(std::move(sources)),
      budget_(clock),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

HandleLookup::~HandleLookup() = default;

void HandleLookup::ask(const std::string& did) {
  ask_again({did, 0, clock_.now()});
}

void HandleLookup::ask_again(Question question) {
  {
    const std::scoped_lock lock(mutex_);
    const bool is_asked = std::any_of(questions_.begin(), questions_.end(),
                                      [&](const Question& other) { return other.did == question.did; });
    if (is_asked) return;
    if (questions_.size() >= kMostQuestions) questions_.pop_front();
    questions_.push_back(std::move(question));
  }
  changed_.notify_one();
}

void HandleLookup::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<Question> next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, std::chrono::seconds{1}, [&] { return !questions_.empty(); });
      const auto now = clock_.now();
      const auto place = std::find_if(questions_.begin(), questions_.end(),
                                      [&](const Question& one) { return one.not_before <= now; });
      if (place != questions_.end()) {
        next = std::move(*place);
        questions_.erase(place);
      }
    }
    if (next) {
      if (!answer(std::move(*next), stop)) return;
    } else {
      clock_.sleep_for(std::chrono::milliseconds{200}, stop);
    }
  }
}

bool HandleLookup::answer(Question question, const std::stop_token& stop) {
  const auto handle = find_handle(transport_, budget_, sources_, question.did, stop);
  if (stop.stop_requested()) return false;
  if (!handle) {
    const bool may_pass = handle.error().kind != ErrorKind::not_found && ++question.attempts < kMostAttempts;
    log::info("{}: its handle was not found: {}", question.did, handle.error().safe);
    question.not_before = clock_.now() + kFirstWait * (1 << question.attempts);
    if (may_pass) ask_again(std::move(question));
    return true;
  }
  if (handle->empty()) return true;
  return sink_.accept({identity_line(question.did, *handle, clock_.now())}, std::nullopt).ok();
}

}  // namespace linnet::connect::bluesky
