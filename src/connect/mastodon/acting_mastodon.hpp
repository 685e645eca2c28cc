// Acts on a Mastodon server, or one that speaks its API, in an account's name.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "connect/acting_connector.hpp"
#include "connect/mastodon/api_client.hpp"

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
  Outcome perform(const Order& order, const std::stop_token& stop) override;
  Result<Evidence> look(const Order& order, const std::string& platform_id,
                        const std::stop_token& stop) override;
  Result<Target> target(const Order& order, const std::stop_token& stop) override;
  Result<std::vector<ThreadSeen>> threads(const std::stop_token& stop) override;
  Result<std::vector<MessageSeen>> messages(const ThreadSeen& thread, const std::stop_token& stop) override;
  Status check_credentials(const std::stop_token& stop) override;
  [[nodiscard]] std::string restriction() const override { return restriction_; }

 private:
  struct Call {
    std::string method = "GET";
    std::string path;
    boost::json::value body;  // null: none
    std::string idempotency_key;
    std::string raw_body;      // instead of `body`
    std::string content_type;  // of raw_body
  };
  // Keeps what the answer says of a restriction of the account.
  void heed(const net::HttpResponse& response);
  // One request; an error is one of the transport, whatever the status.
  Result<net::HttpResponse> call(const Call& call, const std::stop_token& stop);
  // A GET that must succeed, as JSON.
  Result<boost::json::value> read(const std::string& path, const std::stop_token& stop);
  // What an answer to a changing request means.
  Outcome outcome_of(const Result<net::HttpResponse>& response, std::string_view what);

  Outcome publish(const Order& order, const std::stop_token& stop);
  Outcome react(const Order& order, std::string_view verb, const std::stop_token& stop);
  Outcome follow(const Order& order, const std::stop_token& stop);
  Outcome remove(const Order& order, const std::stop_token& stop);
  Outcome mark_read(const Order& order, const std::stop_token& stop);
  Outcome count(const Order& order, const std::stop_token& stop);
  // The ids of the uploaded files, or why there are none.
  struct Uploaded {
    boost::json::array ids;
    std::optional<Outcome> failure;
  };
  Uploaded upload(const std::vector<MediaFile>& files, const std::stop_token& stop);
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
  // The id of the person whom a message goes to; empty of anything else, and where nobody can tell.
  Result<std::string> recipient_of(const Order& order, const std::stop_token& stop);
  // What is answered or edited is there and no direct message. Of an edit, names the files that the post has,
  // which one that names none would take off it.
  std::optional<Outcome> look_before_writing(const Order& order, boost::json::object& body,
                                             const std::stop_token& stop);
  struct OwnPosts {
    boost::json::array posts;            // newest first, those before an id
    std::optional<Instant> server_time;  // of the answer
  };
  Result<OwnPosts> own_posts(const std::string& max_id, const std::stop_token& stop);
  Result<Evidence> search_own_posts(const Order& order, const std::stop_token& stop);
  Result<bool> is_the_post(const Order& order, const std::string& recipient,
                           const boost::json::object& status, const std::stop_token& stop);

  net::HttpTransport& transport_;
  RequestBudget& budget_;
  Clock& clock_;
  ApiOptions options_;
  std::string user_id_;
  std::string restriction_;
  std::optional<PlatformLimits> limits_;
  Instant limits_read_at_{};
};

// For the acting_*.cpp files.
namespace acting {

std::string text_in(const boost::json::object& object, std::string_view name);
bool flag_in(const boost::json::object& object, std::string_view name);
std::int64_t number_in(const boost::json::object& object, std::string_view name, std::int64_t fallback);
// Whether the API itself speaks, not a page of something in between.
bool is_api_error(const net::HttpResponse& response);
const boost::json::object* object_in(const boost::json::object& object, std::string_view name);
// The flag of a status that shows whether it is liked or boosted.
std::string_view flag_of(model::ActionType type);
Outcome refused(Error error);
Outcome not_sent(Error error, std::optional<Instant> retry_at = {});

}  // namespace acting

}  // namespace linnet::connect::mastodon
