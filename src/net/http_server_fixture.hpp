// A server that says what it was asked, for the tests of the server over real sockets.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/http_server.hpp"
#include "net/scripted_server.hpp"

namespace linnet::net {

inline Response text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

inline HttpHandlers echo() {
  HttpHandlers handlers;
  handlers.fast = [](const Request& request) -> std::optional<Response> {
    if (request.path() != "/fast") return std::nullopt;
    Response response;
    response.body = std::make_shared<const std::string>("{\"fast\":true}");
    return response;
  };
  handlers.handle = [](const Request& request) {
    if (request.path() == "/throw") throw std::runtime_error("secret reason");
    if (request.path() == "/inject") {
      Response response = text("x");
      response.headers.add("Location", "/a\r\nSet-Cookie: b");
      return response;
    }
    if (request.path() == "/none") {
      Response response = text("never sent");
      response.status = 204;
      return response;
    }
    if (request.path() == "/big") return text(std::string(4U << 20, 'b'));
    return text(std::string(request.path()) + " " + std::string(request.body()));
  };
  return handlers;
}

inline std::unique_ptr<HttpServer> serve(HttpServerOptions options = {}, HttpHandlers handlers = echo()) {
  auto server = HttpServer::start(std::move(options), std::move(handlers));
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message);
  return std::move(server).value();
}

inline std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n";
}

inline std::string ask(const HttpServer& server, std::string_view request) {
  auto peer = RawPeer::connect(server.port());
  peer.send(request);
  return peer.read_answer();
}

}  // namespace linnet::net
