// Servers that hang, drip, send too much or break off, over real connections: a call ends, is told, and the
// next provider answers.
#include "llm/door_fixture.hpp"
#include "net/curl_transport.hpp"
#include "net/scripted_server.hpp"

namespace linnet::llm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kEvents = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

std::string event(std::string_view text) {
  return fmt::format("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", text);
}

class MisbehavingServersTest : public DoorFixture {
 protected:
  void SetUp() override {
    DoorFixture::SetUp();
    if (IsSkipped()) return;
    auto given = parts();
    given.transport = &transport_;
    given.events = &events_;
    given.call_time = milliseconds(1'500);
    door_ = make_language_models(given);
  }
  void add_at(std::string_view id, const std::string& url) {
    ProviderChange change;
    change.endpoint = url;
    add(id, change);
  }
  // The outcome of one question to a server that does this, and how long it took.
  Result<Answer> ask_of(std::function<void(net::RawPeer&)> script, Question question) {
    const net::ScriptedServer server([&](net::RawPeer& peer) {
      peer.read_until("\r\n\r\n");
      script(peer);
    });
    add_at("mlx::odd", server.url("/v1"));
    question.provider = "mlx::odd";
    const auto begin = std::chrono::steady_clock::now();
    auto answer = ask(question);
    took_ = std::chrono::steady_clock::now() - begin;
    return answer;
  }
  Question streamed() {
    auto question = plainly("Hello?");
    question.on_piece = [this](std::string_view piece) {
      pieces_ += piece;
      return true;
    };
    return question;
  }

  net::CurlTransport transport_;
  net::CurlEventSource events_;
  std::string pieces_;
  std::chrono::steady_clock::duration took_{};
};

// How a connection ends does not depend on the engine.
INSTANTIATE_TEST_SUITE_P(Engines, MisbehavingServersTest, testing::Values(store::Engine::sqlite),
                         test::engine_name);

TEST_P(MisbehavingServersTest, OneThatHangsIsGivenUp) {
  const auto answer =
      ask_of([](net::RawPeer& peer) { peer.is_closed_within(seconds(5)); }, plainly("Hello?"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_LT(took_, seconds(4));
  EXPECT_EQ(calls().front().outcome, CallOutcome::failed);
}

TEST_P(MisbehavingServersTest, OneThatSendsTenMegabytesIsCutOff) {
  const auto answer = ask_of(
      [](net::RawPeer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n");
        peer.send(std::string(10 << 20, ' '));
      },
      plainly("Hello?"));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, testing::HasSubstr("larger than"));
}

TEST_P(MisbehavingServersTest, OneThatDripsForEverIsGivenUp) {
  const auto answer = ask_of(
      [](net::RawPeer& peer) {
        peer.send(kEvents);
        while (peer.send(event("."))) std::this_thread::sleep_for(milliseconds(100));
      },
      streamed());
  ASSERT_FALSE(answer);
  EXPECT_LT(took_, seconds(4));
  EXPECT_FALSE(pieces_.empty());
}

TEST_P(MisbehavingServersTest, OneThatBreaksOffInMidStreamIsNoAnswer) {
  const auto answer = ask_of(
      [](net::RawPeer& peer) {
        peer.send(kEvents);
        peer.send(event("Hel"));
      },
      streamed());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(pieces_, "Hel");
}

TEST_P(MisbehavingServersTest, AStreamIsHandedOnAndEnds) {
  const auto answer = ask_of(
      [](net::RawPeer& peer) {
        peer.send(kEvents);
        peer.send(": keep-alive\n\n" + event("Hel") + event("lo."));
        peer.send("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n");
        peer.send("data: [DONE]\n\n");
      },
      streamed());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "Hello.");
  EXPECT_EQ(pieces_, "Hello.");
  EXPECT_EQ(answer->usage.tokens_out, 2);
}

TEST_P(MisbehavingServersTest, WhoHasHeardEnoughEndsTheCall) {
  auto question = plainly("Hello?");
  question.on_piece = [](std::string_view) { return false; };
  const auto answer = ask_of(
      [](net::RawPeer& peer) {
        peer.send(kEvents);
        while (peer.send(event("."))) std::this_thread::sleep_for(milliseconds(20));
      },
      question);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::cancelled);
  EXPECT_LT(took_, seconds(1));
}

TEST_P(MisbehavingServersTest, WhereOneRefusesTheNextAnswersAtOnce) {
  const net::ScriptedServer well([](net::RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    const std::string body = chat_saying("well").body;
    peer.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                          body.size(), body));
  });
  std::uint16_t closed = 0;
  {
    const net::ScriptedServer gone([](net::RawPeer&) {});
    closed = gone.port();
  }
  add_at("mlx::gone", fmt::format("http://127.0.0.1:{}/v1", closed));
  add_at("mlx::well", well.url("/v1"));
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = ask(plainly("Hello?"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->source.provider, "mlx::well");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(500));
}

TEST_P(MisbehavingServersTest, AStopEndsACall) {
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(100));
    stop.request_stop();
  });
  const net::ScriptedServer server([](net::RawPeer& peer) { peer.is_closed_within(seconds(5)); });
  add_at("mlx::odd", server.url("/v1"));
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = door_->ask(plainly("Hello?"), stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(1));
}

}  // namespace
}  // namespace linnet::llm
