// Answers requests: by the table of routes, from what was kept, and with the files of the web app.
#pragma once

#include <memory>
#include <optional>
#include <string>
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

 private:
  net::Response answer_uncounted(const net::Request& request);
  net::Response answer_to(const govern::Who& who, const net::Request& request);
  net::Response answer_route(const Route& route, const net::Request& request, std::vector<std::string> values,
                             const govern::Who& who);

  Api& api_;
  std::vector<Route> routes_;
  std::shared_ptr<const std::string> openapi_;
  std::string docs_;
  AnswerCache cache_;
};

}  // namespace linnet::api
