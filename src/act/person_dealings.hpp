// What was done to a person, what they agreed to, what is on record of it: for them to have.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "base/secret_box.hpp"
#include "govern/person_key.hpp"

namespace linnet::act {

class PersonRows;

// Gathered account by account; what several of them have in common stands there once.
class Dealings {
 public:
  Dealings(store::Connection& connection, const SecretBox& box) : connection_(connection), box_(box) {}

  Status add(const observe::PersonAccount& account);

  boost::json::array actions, consents, blocklist, language_models, audit;

 private:
  Status add_actions(const observe::PersonAccount& account);
  // The words that were written to them, unsealed, in place of the sealed ones.
  void unseal_input(boost::json::object& action);
  Status add_model_calls(const PersonRows& rows);
  Status add_parts(boost::json::object& action);
  Status add_audit(const observe::PersonAccount& account, const govern::PersonKey& key);
  Status add_audit_of_action(const boost::json::object& action);
  // Moves what was not there yet.
  void take(boost::json::array found, boost::json::array& into);

  store::Connection& connection_;
  const SecretBox& box_;
  std::set<std::string> taken_;
};

}  // namespace linnet::act
