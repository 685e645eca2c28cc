// Acts on a Mastodon server, or one that speaks its API, in an account's name.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <set>

#include "base/clock.hpp"
#include "base/json_members.hpp"
#include "connect/acting_connector.hpp"
#include "connect/mastodon/api_client.hpp"
#include "connect/mastodon/likeness.hpp"
#include "connect/mastodon/server_kind.hpp"
#include "connect/own_newest.hpp"
#include "net/multipart.hpp"

namespace linnet::connect::mastodon {

// The same on every server; what they take differs.
Capabilities capabilities_of_mastodon();

class ActingMastodon final : public ActingConnector {
 public:
  // All but the options outlive the connector; `user_id` is the account's own id on the server.
  ActingMastodon(net::HttpTransport& transport, RequestBudget& budget, Clock& clock, ApiOptions options,
                 std::string user_id);

  [[nodiscard]] Capabilities capabilities() const override;
  Result<PlatformLimits> limits(const std::stop_token& stop) override;
  Upload upload(const MediaFile& file, const Order& order, const std::stop_token& stop) override;
  Outcome perform(const Order& order, const std::stop_token& stop) override;
  Result<Evidence> look(const Order& order, const std::string& platform_id,
                        const std::stop_token& stop) override;
  Result<Target> target(const Order& order, const std::stop_token& stop) override;
  Result<std::vector<ThreadSeen>> threads(const std::stop_token& stop) override;
  Result<std::vector<MessageSeen>> messages(const ThreadSeen& thread, const std::stop_token& stop) override;
  Status check_credentials(const std::stop_token& stop) override;
  [[nodiscard]] std::string restriction() const override { return restriction_; }
  void forget_restriction() override { restriction_.clear(); }
  [[nodiscard]] std::string own_name() const override { return own_name_; }

 private:
  struct Call {
    std::string method = "GET";
    std::string path = {};
    boost::json::value body = {};  // null: none
    std::string idempotency_key = {};
    std::optional<net::StreamedMultipart> form = {};  // instead of `body`
    const Order* order = nullptr;  // that takes effect by it: whether it is still wanted is asked last
  };
  // Keeps what the answer says of a restriction of the account.
  void heed(const net::HttpResponse& response);
  // One request; an error is one of the transport, whatever the status.
  Result<net::HttpResponse> call(Call call, const std::stop_token& stop);
  // A GET that must succeed, as JSON.
  Result<boost::json::value> read(const std::string& path, const std::stop_token& stop);
  // What an answer to a changing request means.
  Outcome outcome_of(const Result<net::HttpResponse>& response, std::string_view what);
  void name_what_was_done(const net::HttpResponse& response, std::string_view what, Outcome& outcome) const;

  Outcome publish(const Order& order, const std::stop_token& stop);
  Outcome react(const Order& order, std::string_view verb, const std::stop_token& stop);
  Outcome follow(const Order& order, const std::stop_token& stop);
  Outcome remove(const Order& order, const std::stop_token& stop);
  Outcome mark_read(const Order& order, const std::stop_token& stop);
  Outcome count(const Order& order, const std::stop_token& stop);
  // Names the uploaded files in the body, once the server has worked on them; else why not.
  std::optional<Outcome> add_media(const Draft& draft, boost::json::object& body,
                                   const std::stop_token& stop);
  std::optional<Outcome> wait_for_media(const std::string& id, const std::stop_token& stop);
  // Fills in whom a message goes to and what it answers.
  Status address_message(const Order& order, boost::json::object& body, const std::stop_token& stop);

  Status read_target_person(const std::string& id, Target& target, const std::stop_token& stop);
  Status read_target_post(const Order& order, Target& target, const std::stop_token& stop);
  Status read_audience(const Draft& draft, Target& target, const std::stop_token& stop);
  // Whom the server takes a mention of that name for; without an id when for nobody.
  Result<Person> find_person(const std::string& name, const std::stop_token& stop);

  Result<Evidence> look_for_post(const Order& order, const std::string& platform_id,
                                 const std::stop_token& stop);
  Result<Evidence> look_for_scheduled(const Order& order, const std::string& platform_id,
                                      const std::stop_token& stop);
  Result<Evidence> look_at_conversation(const Order& order, const std::stop_token& stop);
  struct ThreadPage {
    std::vector<ThreadSeen> threads;
    std::string next;  // path; empty: there are no more
  };
  Result<ThreadPage> thread_page(const std::string& path, const std::stop_token& stop);
  // The newest first, page by page, until no more are wanted or a bound is reached.
  Status read_threads(const std::stop_token& stop, const std::function<bool(ThreadSeen)>& wants_more);
  // Nothing where it is not among the newest.
  Result<std::optional<ThreadSeen>> find_thread(const std::string& id, const std::stop_token& stop);
  // The same; `invalid` where a message would not reach exactly one person.
  Result<std::optional<ThreadSeen>> thread_with_one(const std::string& id, const std::stop_token& stop);
  // The id of the person whom a message goes to; empty of anything else, and where nobody can tell.
  Result<std::string> recipient_of(const Order& order, const std::stop_token& stop);
  // What is answered or edited, as it stands there; no direct message.
  struct Standing {
    boost::json::object status;
    std::optional<Outcome> failure;
  };
  Standing look_before_writing(const Order& order, const std::stop_token& stop);
  // Of an answer for which none was asked for: the narrower of the account's default and that of the post
  // answered. Empty: the default, which the server takes by itself.
  Result<std::string> visibility_of_answer(const boost::json::object& answered, const std::stop_token& stop);
  Outcome edit(const Order& order, const std::stop_token& stop);
  Result<OwnPage<boost::json::object>> own_posts(const std::string& max_id, const std::stop_token& stop);
  // Those since the order was first tried, without what others made.
  using OnPost = std::function<Status(const boost::json::object& status)>;
  Result<OwnWalk> walk_own_posts(const Order& order, const OnPost& on_post, const std::stop_token& stop);
  Result<Evidence> search_own_posts(const Order& order, const std::stop_token& stop);
  Status add_copies(const Order& order, const std::string& id, Evidence& evidence,
                    const std::stop_token& stop);
  Status compare_with(const Order& order, const boost::json::object& status, Evidence& evidence,
                      const std::stop_token& stop);
  Result<bool> is_hidden_by_filter(const Order& order, const std::stop_token& stop);
  Result<Same> is_the_post(const Order& order, const std::string& recipient,
                           const boost::json::object& status, const std::stop_token& stop);
  // Learns which software the server runs from its description of itself. Where it cannot be told now, what
  // was known stays.
  void learn_kind(const boost::json::object& instance, const std::stop_token& stop);
  // Empty where the server has none.
  Result<std::string> nodeinfo_name(const std::stop_token& stop);

  net::HttpTransport& transport_;
  RequestBudget& budget_;
  std::optional<Instant> held_until_;  // by the budget: what was just kept back
  Clock& clock_;
  ApiOptions options_;
  std::string user_id_;
  std::string restriction_;
  std::string own_name_;
  std::set<std::string> ready_media_;  // what the server took without having to work on it
  std::optional<ServerKind> kind_;
  std::optional<PlatformLimits> limits_;
  Instant limits_read_at_{};
};

// For the acting_*.cpp files.
namespace acting {

// `id`, where it is one that can be asked for; otherwise empty.
std::string id_in(const boost::json::object& object);
bool flag_in(const boost::json::object& object, std::string_view name);
std::int64_t number_in(const boost::json::object& object, std::string_view name, std::int64_t fallback);
// Whether the API itself speaks, not a page of something in between.
bool is_api_error(const net::HttpResponse& response);
// Empty where there is none.
const boost::json::array& list_in(const boost::json::object& object, std::string_view name);
boost::json::array ids_of_files(const boost::json::object& status);
// The flag of a status that shows whether it is liked or boosted.
std::string_view flag_of(model::ActionType type);
// As a post or an edit asks for it.
boost::json::object poll_of(const Poll& poll);
Outcome not_sent(Error error, std::optional<Instant> retry_at = {});

}  // namespace acting

}  // namespace linnet::connect::mastodon
