// Answers requests: by the table of routes, from what was kept, and with the files of the web app.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/answer_cache.hpp"
#include "api/routes.hpp"

namespace linnet::api {

// Thread-safe.
class Answerer {
 public:
  // `api` outlives it.
  explicit Answerer(Api& api);

  // For the I/O thread: what is in memory; nullopt where answer() has to.
  std::optional<net::Response> from_memory(const net::Request& request);
  net::Response answer(const net::Request& request);
  // By its head alone: whether its body may come, and how much of it.
  std::variant<net::Admission, net::Response> admit(const net::Request& request);
  // To be called now and then: gives back what needs not be kept.
  void tidy();
  // For the I/O thread: by what worker it is answered.
  [[nodiscard]] net::Lane lane_of(const net::Request& request) const;

 private:
  // A request that may be answered, by whom and for whom.
  struct Asked {
    const Route* route = nullptr;
    std::vector<std::string> values;
    govern::Who who;
    std::optional<govern::RequestAllowance> allowance;
  };
  // That describe the API. From any thread.
  struct Documents {
    std::shared_ptr<const std::string> openapi;
    std::string page;
  };
  const Documents& documents();
  std::variant<Asked, net::Response> judge(const net::Request& request);
  [[nodiscard]] std::unique_ptr<store::ReadsWithoutWaiting> ahead_of_readers(
      const net::Request& request) const;
  [[nodiscard]] bool is_route(std::string_view path) const;
  std::optional<net::Response> find_route(const net::Request& request, Asked& asked) const;
  net::Response answer_uncounted(const net::Request& request);
  net::Response answer_route(const net::Request& request, Asked& asked);
  net::Response counted(net::Response response);

  Api& api_;
  std::vector<Route> routes_;
  std::once_flag documents_made_;
  Documents documents_;
  AnswerCache cache_;
  std::atomic<std::size_t> large_bytes_{0};  // that large answers had since memory was given back
};

}  // namespace linnet::api
