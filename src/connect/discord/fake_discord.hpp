// For tests: the fake Discord of test/fakes/discord as a process of its own.
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
#include <stdexcept>
#include <string>
#include <vector>

#include "net/curl_transport.hpp"
#include "net/network_guard.hpp"
#include "source_dir.hpp"

namespace linnet::connect::discord {

inline constexpr const char* kFakeToken = "MTIzNDU2Nzg5MDEyMzQ1Njc4.fake.token";
inline constexpr const char* kFakeBot = "123456789012345678";
inline constexpr const char* kGarden = "223456789012345678";
inline constexpr const char* kGeneral = "323456789012345678";
inline constexpr const char* kAnn = "423456789012345678";

class FakeDiscord {
 public:
  // Why it cannot run here; nullopt when it can.
  static std::optional<std::string> missing() {
    if (std::system("/usr/bin/python3 -c 'import aiohttp' >/dev/null 2>&1") != 0)
      return "python3-aiohttp is not installed";
    return std::nullopt;
  }

  explicit FakeDiscord(const std::vector<std::string>& options = {}) {
    std::vector<std::string> words{"/usr/bin/python3", LINNET_SOURCE_DIR "/test/fakes/discord/server.py",
                                   "--print-port", "--exit-with-stdin"};
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
    output_ = ::fdopen(output[0], "r");
    net::allow_networks(net::parse_networks("127.0.0.0/8").value());
    if (output_ == nullptr || std::fscanf(output_, "%d", &port_) != 1) port_ = 0;
  }
  ~FakeDiscord() {
    if (input_ >= 0) ::close(input_);  // it ends with its standard input
    if (process_ > 0) {
      ::kill(process_, SIGTERM);
      ::waitpid(process_, nullptr, 0);
    }
    if (output_ != nullptr) std::fclose(output_);
  }
  FakeDiscord(const FakeDiscord&) = delete;
  FakeDiscord& operator=(const FakeDiscord&) = delete;

  [[nodiscard]] bool is_running() const { return port_ != 0; }
  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }

  boost::json::value control(const std::string& what, const std::string& body = {}) {
    net::HttpRequest request;
    request.method = body.empty() ? "GET" : "POST";
    request.url = fmt::format("{}/_control/{}", url(), what);
    request.body = body;
    const auto response = transport_.send(request, {});
    if (!response || response->status >= 300)
      throw std::runtime_error(response ? response->body : response.error().message);
    return boost::json::parse(response->body);
  }
  // Somebody writes; the message's id.
  std::string say(const std::string& text, const std::string& more = {}) {
    const auto answer = control("say", fmt::format(R"({{"content":"{}"{}}})", text, more));
    return std::string(std::string_view(answer.at("id").as_string()));
  }

 private:
  net::CurlTransport transport_;
  pid_t process_ = -1;
  int input_ = -1;
  FILE* output_ = nullptr;
  int port_ = 0;
};

}  // namespace linnet::connect::discord
