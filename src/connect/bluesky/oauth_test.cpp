// Signing in by OAuth against a server made of answers: nonces, proofs, and what must not be believed. The
// whole way on a real server is test/integration/bluesky_oauth.sh.
#include "connect/bluesky/oauth.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <functional>

#include "connect/bluesky/identity.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr std::string_view kPds = "https://pds.example";
constexpr std::string_view kIssuer = "https://signin.example";
constexpr std::string_view kDid = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";

std::string decoded(std::string_view base64) {
  std::string plain(base64);
  for (auto& c : plain) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const auto missing = (4 - plain.size() % 4) % 4;
  plain.append(missing, '=');
  std::string bytes(plain.size(), '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  bytes.resize(static_cast<std::size_t>(length) - missing);
  return bytes;
}

std::string text(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value == nullptr ? std::string() : std::string(std::string_view(value->as_string()));
}

struct Proof {
  json::object head;
  json::object claims;
  bool is_signed = false;
};

// Checks the signature with the key that the proof itself shows, as a server does.
bool verify(const json::object& jwk, const std::string& signed_part, const std::string& signature) {
  const auto point = "\x04" + decoded(std::string_view(jwk.at("x").as_string())) +
                     decoded(std::string_view(jwk.at("y").as_string()));
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>("P-256"), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<char*>(point.data()),
                                        point.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY_CTX* making = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(making);
  EVP_PKEY_fromdata(making, &key, EVP_PKEY_PUBLIC_KEY, parameters);
  EVP_PKEY_CTX_free(making);
  const auto number = [&](std::size_t from) {
    return BN_bin2bn(reinterpret_cast<const unsigned char*>(signature.data()) + from, 32, nullptr);
  };
  ECDSA_SIG* pair = ECDSA_SIG_new();
  ECDSA_SIG_set0(pair, number(0), number(32));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair, &der);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key);
  const bool holds =
      EVP_DigestVerify(context, der, static_cast<std::size_t>(size),
                       reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size()) == 1;
  EVP_MD_CTX_free(context);
  OPENSSL_free(der);
  ECDSA_SIG_free(pair);
  EVP_PKEY_free(key);
  return holds;
}

Proof read_proof(const std::string& text) {
  const auto first = text.find('.');
  const auto second = text.find('.', first + 1);
  Proof proof;
  proof.head = json::parse(decoded(text.substr(0, first))).as_object();
  proof.claims = json::parse(decoded(text.substr(first + 1, second - first - 1))).as_object();
  const auto signature = decoded(text.substr(second + 1));
  proof.is_signed =
      signature.size() == 64 && verify(proof.head.at("jwk").as_object(), text.substr(0, second), signature);
  return proof;
}

// Answers by the address that is asked; every request is kept.
class Answers final : public net::HttpTransport {
 public:
  using Answer = std::function<net::HttpResponse(const net::HttpRequest&)>;

  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token) override {
    requests.push_back(request);
    const auto place = answers.find(request.url);
    if (place == answers.end()) return unavailable("nobody answers at " + request.url);
    return place->second(request);
  }
  void say(const std::string& url, const json::value& body, int status = 200) {
    answers[url] = [body, status](const net::HttpRequest&) {
      net::HttpResponse response;
      response.status = status;
      response.body = json::serialize(body);
      return response;
    };
  }

  std::map<std::string, Answer> answers;
  std::vector<net::HttpRequest> requests;
};

class OAuthTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string pds(kPds);
    const std::string issuer(kIssuer);
    server_.say(pds + "/.well-known/oauth-protected-resource", {{"authorization_servers", {issuer}}});
    server_.say(issuer + "/.well-known/oauth-authorization-server",
                {{"issuer", issuer},
                 {"authorization_endpoint", issuer + "/authorize"},
                 {"token_endpoint", issuer + "/token"},
                 {"pushed_authorization_request_endpoint", issuer + "/par"}});
    server_.say(std::string(kPlcDirectory) + "/" + std::string(kDid),
                {{"id", kDid},
                 {"alsoKnownAs", {"at://ada.example"}},
                 {"service", {{{"id", "#atproto_pds"}, {"serviceEndpoint", pds}}}}});
    // Both want a nonce that they give with the first answer.
    server_.answers[issuer + "/par"] = with_nonce({{"request_uri", "urn:1"}});
    say_tokens(kDid, "refresh-1");
  }

  Answers::Answer with_nonce(const json::value& body, int status = 200) {
    return [this, body, status](const net::HttpRequest& request) {
      const auto proof = read_proof(std::string(*request.headers.find("DPoP")));
      EXPECT_TRUE(proof.is_signed);
      EXPECT_EQ(text(proof.claims, "htm"), request.method);
      EXPECT_EQ(text(proof.claims, "htu"), request.url);
      net::HttpResponse response;
      response.headers.add("DPoP-Nonce", "nonce-" + std::to_string(nonce_));
      const bool is_right = text(proof.claims, "nonce") == "nonce-" + std::to_string(nonce_);
      response.status = is_right ? status : 400;
      response.body = is_right ? json::serialize(body) : R"({"error":"use_dpop_nonce"})";
      return response;
    };
  }
  void say_tokens(std::string_view did, std::string_view refresh_token, int status = 200) {
    server_.answers[std::string(kIssuer) + "/token"] = with_nonce({{"token_type", "DPoP"},
                                                                   {"access_token", "token-1"},
                                                                   {"refresh_token", refresh_token},
                                                                   {"sub", did},
                                                                   {"expires_in", 3600}},
                                                                  status);
  }

  Result<SignedIn> sign_in(std::map<std::string, std::string> answer = {}) {
    auto oauth =
        OAuth::start({server_, budget_, clock_, std::string(kPds)}, std::string(kPlcDirectory)).value();
    auto pending = oauth.begin("http://127.0.0.1:1/callback", "ada.example", {});
    if (!pending) return pending.error();
    EXPECT_EQ(pending->authorize_url.find(std::string(kIssuer) + "/authorize?client_id="), 0U);
    answer.try_emplace("code", "code-1");
    answer.try_emplace("iss", std::string(kIssuer));
    answer.try_emplace("state", pending->state);
    return oauth.finish(*pending, answer, {});
  }

  SystemClock clock_;
  RequestBudget budget_{clock_};
  Answers server_;
  int nonce_ = 1;
};

TEST_F(OAuthTest, AsksForMessagesWhereTheServerOffersThem) {
  const auto scope = [&] {
    server_.requests.clear();
    EXPECT_TRUE(sign_in());
    for (const auto& request : server_.requests) {
      if (!request.url.ends_with("/par")) continue;
      for (const auto& [name, value] : net::parse_query(request.body))
        if (name == "scope") return value;
    }
    return std::string();
  };
  const std::string issuer(kIssuer);
  const auto offer = [&](json::array scopes) {
    server_.say(issuer + "/.well-known/oauth-authorization-server",
                {{"issuer", issuer},
                 {"authorization_endpoint", issuer + "/authorize"},
                 {"token_endpoint", issuer + "/token"},
                 {"pushed_authorization_request_endpoint", issuer + "/par"},
                 {"scopes_supported", std::move(scopes)}});
  };
  EXPECT_EQ(scope(), "atproto transition:generic transition:chat.bsky") << "it does not say what it offers";
  offer({"atproto", "transition:generic", "transition:chat.bsky"});
  EXPECT_EQ(scope(), "atproto transition:generic transition:chat.bsky");
  offer({"atproto", "transition:generic"});
  EXPECT_EQ(scope(), "atproto transition:generic");
}

TEST_F(OAuthTest, SignsInAndKeepsTheKeyWithTheToken) {
  const auto signed_in = sign_in();
  ASSERT_TRUE(signed_in) << signed_in.error().message;
  EXPECT_EQ(signed_in->did, kDid);
  EXPECT_EQ(signed_in->handle, "ada.example");
  EXPECT_EQ(signed_in->credentials.service, kPds);
  EXPECT_EQ(signed_in->credentials.auth_server, kIssuer);
  EXPECT_TRUE(DpopKey::from_pem(signed_in->credentials.dpop_key));
  const auto form = net::parse_query(server_.requests[2].body);
  const auto challenge = std::find_if(form.begin(), form.end(),
                                      [](const auto& field) { return field.first == "code_challenge"; });
  ASSERT_NE(challenge, form.end());
  EXPECT_EQ(challenge->second.size(), 43U);
}

TEST_F(OAuthTest, BelievesNobodyElse) {
  for (const std::map<std::string, std::string>& answer :
       {std::map<std::string, std::string>{{"iss", "https://evil.example"}},
        {{"iss", ""}},
        {{"state", "another"}},
        {{"code", ""}}}) {
    const auto signed_in = sign_in(answer);
    ASSERT_FALSE(signed_in);
    EXPECT_EQ(signed_in.error().kind, ErrorKind::denied);
  }
  // A server that signs in somebody whose account it does not keep.
  server_.say(
      std::string(kPlcDirectory) + "/" + std::string(kDid),
      {{"id", kDid}, {"service", {{{"id", "#atproto_pds"}, {"serviceEndpoint", "https://other.example"}}}}});
  server_.say("https://other.example/.well-known/oauth-protected-resource",
              {{"authorization_servers", {"https://other.example"}}});
  const auto stolen = sign_in();
  ASSERT_FALSE(stolen);
  EXPECT_EQ(stolen.error().kind, ErrorKind::denied);
}

TEST_F(OAuthTest, TakesNoServerThatCallsItselfAnotherName) {
  server_.say(std::string(kIssuer) + "/.well-known/oauth-authorization-server",
              {{"issuer", "https://other.example"},
               {"authorization_endpoint", "https://other.example/a"},
               {"token_endpoint", "https://other.example/t"},
               {"pushed_authorization_request_endpoint", "https://other.example/p"}});
  EXPECT_FALSE(sign_in());
}

TEST_F(OAuthTest, RenewsAndNeverLosesAWorkingToken) {
  const auto credentials = sign_in().value().credentials;
  DpopDoor door(server_, budget_, clock_, DpopKey::from_pem(credentials.dpop_key).value());
  std::function<Status()> still_wanted;
  const auto renew = [&] {
    return renew_oauth(door, {server_, budget_, clock_, std::string(kPds)}, std::string(kDid), credentials,
                       still_wanted, {});
  };
  say_tokens(kDid, "");
  EXPECT_EQ(renew().value().refresh_token, "refresh-1");
  ++nonce_;  // the server changed its nonce in between
  say_tokens(kDid, "refresh-2");
  EXPECT_EQ(renew().value().refresh_token, "refresh-2");
  still_wanted = [] { return unavailable("another's turn"); };
  EXPECT_TRUE(renew().error().never_sent) << "what is used up twice may end the sign-in";
  still_wanted = {};
  say_tokens("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "refresh-3");
  EXPECT_EQ(renew().error().kind, ErrorKind::denied);
  say_tokens(kDid, "refresh-3", 503);
  EXPECT_EQ(renew().error().kind, ErrorKind::unavailable);
  server_.answers[std::string(kIssuer) + "/token"] = with_nonce({{"error", "invalid_grant"}}, 400);
  EXPECT_EQ(renew().error().kind, ErrorKind::denied);
  server_.answers[std::string(kIssuer) + "/.well-known/oauth-authorization-server"] =
      [](const net::HttpRequest& /*request*/) {
        net::HttpResponse page;
        page.status = 403;
        return page;
      };
  EXPECT_EQ(renew().error().kind, ErrorKind::unavailable) << "a proxy in between ends no sign-in";
}

TEST_F(OAuthTest, CallsShowTheTokenWithItsProof) {
  const auto credentials = sign_in().value().credentials;
  server_.answers[std::string(kPds) + "/xrpc/com.atproto.server.getSession"] =
      [](const net::HttpRequest& request) {
        const auto proof = read_proof(std::string(*request.headers.find("DPoP")));
        EXPECT_EQ(*request.headers.find("Authorization"), "DPoP token-1");
        // SHA-256 of "token-1", base64url.
        EXPECT_TRUE(proof.claims.contains("ath"));
        EXPECT_EQ(proof.claims.at("ath").as_string().size(), 43U);
        net::HttpResponse response;
        response.status = 200;
        return response;
      };
  Session session(server_, budget_, clock_, std::string(kDid), credentials, {});
  const auto status = session.check({});
  EXPECT_TRUE(status) << status.error().message;
}

TEST(DidDocuments, OnlyOwnOnesAreTaken) {
  SystemClock clock;
  RequestBudget budget(clock);
  Answers server;
  const std::string did(kDid);
  const std::string address = std::string(kPlcDirectory) + "/" + did;
  server.say(address, {{"id", "did:plc:other"}, {"service", json::array()}});
  EXPECT_FALSE(resolve_identity(server, budget, did, std::string(kPlcDirectory), {}));
  server.say(address, {{"id", did}, {"service", json::array()}});
  EXPECT_FALSE(resolve_identity(server, budget, did, std::string(kPlcDirectory), {}));
  EXPECT_FALSE(resolve_identity(server, budget, "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
                                std::string(kPlcDirectory), {}));
  server.say("https://ada.example/.well-known/did.json",
             {{"id", "did:web:ada.example"},
              {"service",
               {{{"id", "did:web:ada.example#atproto_pds"}, {"serviceEndpoint", "https://pds.example/"}}}}});
  EXPECT_EQ(
      resolve_identity(server, budget, "did:web:ada.example", std::string(kPlcDirectory), {}).value().pds,
      "https://pds.example");
}

}  // namespace
}  // namespace linnet::connect::bluesky
