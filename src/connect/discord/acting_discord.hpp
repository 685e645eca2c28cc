// Acts on Discord as a bot: writes into channels, answers, reacts, edits and deletes its own, writes to
// people who agreed to it.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string>

#include "connect/acting_connector.hpp"
#include "connect/discord/names.hpp"
#include "connect/discord/rest_client.hpp"
#include "connect/platform_door.hpp"

namespace linnet::connect::discord {

Capabilities capabilities_of_discord();
PlatformLimits limits_of_discord();

class ActingDiscord final : public ActingConnector {
 public:
  // What `needs` refers to outlives the connector.
  explicit ActingDiscord(const ActingNeeds& needs);

  [[nodiscard]] Capabilities capabilities() const override { return capabilities_of_discord(); }
  Result<PlatformLimits> limits(const std::stop_token& /*stop*/) override { return limits_of_discord(); }
  Outcome perform(const Order& order, const std::stop_token& stop) override;
  Result<Evidence> look(const Order& order, const std::string& platform_id,
                        const std::stop_token& stop) override;
  Result<Target> target(const Order& order, const std::stop_token& stop) override;
  Result<std::vector<ThreadSeen>> threads(const std::stop_token& stop) override;
  Result<std::vector<MessageSeen>> messages(const ThreadSeen& thread, const std::stop_token& stop) override;
  Status check_credentials(const std::stop_token& stop) override;
  [[nodiscard]] std::string own_name() const override { return own_name_; }

 private:
  Outcome write(const Order& order, const std::stop_token& stop);
  Outcome edit(const Order& order, const std::stop_token& stop);
  Outcome change(const Order& order, const std::string& method, std::string_view behind,
                 const std::stop_token& stop);
  // What an answer to a call that changes something means.
  Outcome outcome_of(const RestCall& call, const Result<net::HttpResponse>& response);
  // The channel that an order writes to; a direct one is opened.
  Result<std::string> channel_of(const Order& order, const std::stop_token& stop);
  Result<std::string> direct_channel(const std::string& person, const std::stop_token& stop);
  Result<boost::json::object> read_object(const std::string& path, const std::stop_token& stop);
  // Nothing where it is not there (any more).
  Result<std::optional<boost::json::object>> find_message(const MessageName& name,
                                                          const std::stop_token& stop);
  Result<Evidence> search(const Order& order, const std::stop_token& stop);
  Result<Person> find_person(const std::string& id, const std::stop_token& stop);

  RestClient rest_;
  Clock& clock_;
  std::string user_id_;
  std::string own_name_;
  std::function<Result<std::vector<std::string>>()> partners_;
  std::map<std::string, std::string> direct_channels_;  // by person
};

}  // namespace linnet::connect::discord
