// Signing in where the network itself asks: the browser goes there, and comes back to one of our own pages.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "connect/account_store.hpp"
#include "connect/platform_settings.hpp"
#include "connect/request_budget.hpp"
#include "connect/sign_in_door.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect {

// Thread-safe. What is under way is in memory alone: it ends with the program.
class BrowserSignIns {
 public:
  // What comes back as the query of this page holds the answer.
  static constexpr std::string_view kPage = "/accounts/signed-in";
  static constexpr auto kPatience = std::chrono::minutes(10);
  static constexpr std::size_t kMostUnderWay = 16;

  // What stands behind it.
  struct Doors {
    // Takes who signed in.
    std::function<Result<AccountId>(const SignedInAccount&)> keep;
    // An error where no account may be added: asked before anybody is sent away.
    std::function<Status(const std::string& platform, const std::string& address)> may_add;
    // Where registrations with the server are kept; may be empty.
    std::function<KeptApps(const std::string& platform, const std::string& address, bool acts)> kept_apps;
  };
  using Answer = SignInAnswer;

  // The references outlive it.
  BrowserSignIns(net::HttpTransport& transport, Clock& clock, RequestBudgets& budgets,
                 PlatformSettings settings, Doors doors);

  struct Wanted {
    std::string platform;
    std::string address;  // of the server
    std::string name;     // fills in the handle, where the network takes that
    bool acts = true;     // leave to post, like and follow as well, not to read alone
    std::string origin;   // of our pages, as the browser knows them: "http://127.0.0.1:7450"
    std::string pass;     // of whoever asks: nobody else can finish it
    std::string actor;    // their name
    std::optional<AccountId> expected;
  };
  struct Begun {
    std::string authorize_url;
    Instant expires_at{};
  };
  // `invalid` where the network could not send the browser back, with what to do instead.
  Result<Begun> begin(const Wanted& wanted);

  // With what the browser came back with. Each can be finished once, by whoever began it, and in time;
  // `invalid` for all else, `denied` when the network or the person said no.
  Result<AccountId> finish(const Answer& answer, const std::string& pass);

 private:
  struct UnderWay {
    std::string pass;
    std::string actor;
    Instant expires_at{};
    std::optional<AccountId> expected;
    std::function<Result<SignedInAccount>(const Answer&)> finish;
  };
  using Table = std::map<std::string, UnderWay>;  // by state

  SignInRequest request_for(const Wanted& wanted, const std::string& address, bool registers_apps);
  static void make_room(Table& table, Instant now);

  net::HttpTransport& transport_;
  Clock& clock_;
  RequestBudgets& budgets_;
  PlatformSettings settings_;
  Doors doors_;
  Guarded<Table> under_way_;
};

}  // namespace linnet::connect
