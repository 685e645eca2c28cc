// Work on another thread that a connection's coroutine waits for. Private to this library.
#pragma once

#include <boost/asio.hpp>
#include <type_traits>
#include <utility>

#include "base/log.hpp"
#include "net/server_context.hpp"

namespace linnet::net {

// Runs a handler. What it throws is our mistake, and not the client's business.
template <typename Handler>
auto guarded(const Handler& handler, const Request& request) -> decltype(handler(request)) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    log::error("a handler of {} failed: {}", request.path(), error.what());
  } catch (...) {
    log::error("a handler of {} failed", request.path());
  }
  return problem(500, "internal error; see the log");
}

inline Response busy_answer() {
  Response response = problem(503, "the server is busy; try again later");
  response.headers.add("Retry-After", "1");
  return response;
}

// The crew was entered; it is left when the work is done.
template <typename Work>
boost::asio::awaitable<std::invoke_result_t<Work>, IoExecutor> by_worker(Crew& crew, IoExecutor executor,
                                                                         Work work) {
  using Outcome = std::invoke_result_t<Work>;
  using Token = boost::asio::use_awaitable_t<IoExecutor>;
  const auto start = [&crew, &work, executor](auto handler) {
    boost::asio::post(*crew.workers, [&crew, &work, executor, handler = std::move(handler)]() mutable {
      Outcome outcome = work();
      crew.leave();
      boost::asio::post(executor, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
        handler(std::move(outcome));
      });
    });
  };
  co_return co_await boost::asio::async_initiate<const Token, void(Outcome)>(start, Token{});
}

}  // namespace linnet::net
