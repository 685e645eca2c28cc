// Acts on Bluesky, or any PDS of the AT Protocol, in an account's name.
#pragma once

#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "connect/acting_connector.hpp"
#include "connect/bluesky/chat.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/bluesky/session.hpp"

namespace linnet::connect::bluesky {

Capabilities capabilities_of_bluesky();
// app.bsky.feed.post and app.bsky.embed.images: 300 graphemes, 4 images of 1,000,000 bytes.
PlatformLimits limits_of_bluesky();

// Every record has a key made from its order, and is put there: put twice, it is there once, and looking for
// it is exact. Direct messages are no records: those are looked for by what they say.
class ActingBluesky final : public ActingConnector {
 public:
  ActingBluesky(net::HttpTransport& transport, RequestBudget& budget, Clock& clock, std::string did,
                Credentials credentials, CredentialKeeping keeping, std::string chat_service = kBlueskyChat);

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
  [[nodiscard]] std::string restriction() const override { return session_.restriction(); }
  void forget_restriction() override { session_.forget_restriction(); }
  [[nodiscard]] std::string own_name() const override { return session_.handle(); }

 private:
  struct Found {
    boost::json::object value;
    std::string cid;
  };
  Outcome carry_out(const Order& order, const std::stop_token& stop);
  Outcome publish(const Order& order, const std::stop_token& stop);
  Outcome react(const Order& order, const std::string& collection, const std::stop_token& stop);
  Outcome take_back(const Order& order, const std::string& collection, const std::stop_token& stop);
  Outcome count(const Order& order, const std::stop_token& stop);
  Outcome remove(const AtUri& uri, const std::stop_token& stop);
  Outcome put(const Order& order, const std::string& collection, boost::json::object record,
              const std::stop_token& stop);
  Outcome outcome_of(const Result<net::HttpResponse>& response);
  // Of a success whose answer does not show it.
  void doubt(Outcome& outcome, std::string_view what);

  Outcome send_message(const Order& order, const std::stop_token& stop);
  Outcome mark_read(const Order& order, const std::stop_token& stop);
  Outcome outcome_of_chat(const Result<net::HttpResponse>& response);
  Result<ChatConvo> convo_with_one(const std::string& id, const std::stop_token& stop);
  // The DID of whom a message, or the reading of one, is about; empty of a group.
  Result<std::string> read_target_message(const Order& order, const std::stop_token& stop);
  Result<Evidence> look_at_convo(const Order& order, const std::stop_token& stop);
  Result<Evidence> look_for_message(const Order& order, const std::string& platform_id,
                                    const std::stop_token& stop);
  Result<Evidence> search_convo(const Order& order, const std::string& convo, const std::string& platform_id,
                                const std::stop_token& stop);

  // `not_found` where there is none.
  Result<Found> get_record(const AtUri& uri, const std::stop_token& stop);
  // What the app view says of the account and the subject; not known where it says nothing.
  struct Viewed {
    bool is_known = false;
    std::optional<AtUri> uri;
  };
  Result<Viewed> reaction_in_view(const std::string& collection, const std::string& subject,
                                  const std::stop_token& stop);
  // The record of the collection that is about the subject (a URI or DID); nullopt where there is none.
  Result<std::optional<AtUri>> find_reaction(const std::string& collection, const std::string& subject,
                                             const std::stop_token& stop);
  Result<boost::json::array> make_facets(const std::string& text, const std::stop_token& stop);
  Result<boost::json::object> make_embed(const Draft& draft, const std::stop_token& stop);
  Result<boost::json::object> make_reply(const std::string& parent, const std::stop_token& stop);
  Result<boost::json::object> reference_to(const std::string& uri, const std::stop_token& stop);
  // What the app view says, through the PDS; nullopt where there is none or it knows nothing of it.
  Result<std::optional<boost::json::object>> ask_view(const std::string& method,
                                                      const net::QueryParameters& parameters,
                                                      const std::stop_token& stop);
  Result<std::optional<boost::json::object>> view_of_post(const AtUri& uri, const std::stop_token& stop);
  struct Profile {
    Person person;
    std::int64_t followers = 0;
  };
  // Of a DID; what neither the app view nor the PDS knows stays empty.
  Result<Profile> profile_of(const std::string& did, const std::stop_token& stop);
  Result<std::string> did_of(const std::string& handle, const std::stop_token& stop);
  // The id with a DID in place of a handle.
  Result<std::string> with_did(const std::string& id, const std::stop_token& stop);
  Status read_target_person(const std::string& did, Target& target, const std::stop_token& stop);
  Status read_target_post(const Order& order, const AtUri& uri, Target& target, const std::stop_token& stop);
  Status read_audience(const Draft& draft, Target& target, const std::stop_token& stop);
  Result<bool> is_done(const Order& order, const std::string& subject, const std::stop_token& stop);
  [[nodiscard]] AtUri uri_of(const Order& order, const std::string& collection) const;

  net::HttpTransport& transport_;
  Clock& clock_;
  std::string service_;
  bool is_oauth_;
  Session session_;
  Chat chat_;  // last: it uses the session
};

// What went wrong before anything was put: it may go again, unless the order itself is wrong or the session
// void.
Outcome before_putting(Error error);

// For the acting_*.cpp files.
namespace acting {

// Where the record of an action lies.
const char* collection_of(model::ActionType type);
bool takes_back(model::ActionType type);
// Where a person can look at a post.
std::string web_address(const AtUri& uri);
// What the order asked for and the record of the post does not have, in words.
std::vector<std::string> missing_of(const Order& order, const boost::json::object& record);

}  // namespace acting

}  // namespace linnet::connect::bluesky
