// For tests: the fake Mastodon server of test/fakes/mastodon as a process of its own.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "net/curl_transport.hpp"
#include "net/network_guard.hpp"
#include "source_dir.hpp"

namespace linnet::connect::mastodon {

class FakeMastodon {
 public:
  // Why it cannot run here; nullopt when it can.
  static std::optional<std::string> missing() {
    if (std::system("/usr/bin/python3 -c 'import aiohttp' >/dev/null 2>&1") != 0) {
      return "python3-aiohttp is not installed";
    }
    return std::nullopt;
  }

  explicit FakeMastodon(const std::vector<std::string>& options = {}) {
    std::vector<std::string> words{"/usr/bin/python3",
                                   LINNET_SOURCE_DIR "/test/fakes/mastodon/server.py",
                                   "--port",
                                   "0",
                                   "--print-port",
                                   "--seed",
                                   "1",
                                   "--exit-with-stdin",
                                   "--recordings",
                                   "none"};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int input[2] = {};
    int output[2] = {};
    if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    ::posix_spawn(&process_, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    if (FILE* lines = ::fdopen(output[0], "r"); lines != nullptr) {
      net::allow_networks(net::parse_networks("127.0.0.0/8").value());
      if (std::fscanf(lines, "%d %d", &port_, &control_port_) != 2) port_ = 0;
      output_ = lines;
    }
  }
  ~FakeMastodon() {
    if (input_ >= 0) ::close(input_);  // it ends with its standard input
    if (process_ > 0) {
      ::kill(process_, SIGTERM);
      ::waitpid(process_, nullptr, 0);
    }
    if (output_ != nullptr) std::fclose(output_);
  }
  FakeMastodon(const FakeMastodon&) = delete;
  FakeMastodon& operator=(const FakeMastodon&) = delete;

  [[nodiscard]] bool is_running() const { return port_ != 0; }
  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }

  boost::json::value control(const std::string& what, const std::string& body = {}) {
    net::HttpRequest request;
    request.method = body.empty() ? "GET" : "POST";
    request.url = fmt::format("http://127.0.0.1:{}/_control/{}", control_port_, what);
    request.body = body;
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    const auto response = transport_.send(request, {});
    if (!response || response->status >= 300) {
      throw std::runtime_error(response ? response->body : response.error().message);
    }
    return boost::json::parse(response->body);
  }
  // The ids of new posts.
  std::vector<std::string> publish(int times) {
    const auto answer = control(
        "publish",
        fmt::format(R"({{"account":"carol@remote.example","text":"Hello #birds","times":{}}})", times));
    std::vector<std::string> ids;
    for (const auto& id : answer.at("ids").as_array()) ids.emplace_back(std::string_view(id.as_string()));
    return ids;
  }
  // Requests so far whose path matches.
  std::size_t requests(const std::string& path) {
    return control("requests?since=0&path=" + path).as_array().size();
  }

 private:
  net::CurlTransport transport_;
  pid_t process_ = -1;
  int input_ = -1;
  FILE* output_ = nullptr;
  int port_ = 0;
  int control_port_ = 0;
};

}  // namespace linnet::connect::mastodon
