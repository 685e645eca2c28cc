// Bluesky as it is watched: one connection to Jetstream for all that is watched of it, and its thread.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "connect/bluesky/handle_lookup.hpp"
#include "connect/bluesky/jetstream_connector.hpp"
#include "net/curl_transport.hpp"
#include "observe/ingest_sink.hpp"

namespace linnet::app {

struct JetstreamSettings {
  std::vector<std::string> servers;
  std::string dictionary;  // path; empty: none
  std::string plc_directory;
};

class JetstreamSource {
 public:
  using OnChange = std::function<void(const connect::ConnectorHealth&)>;
  struct Place {
    store::Database& database;
    observe::Ingest& ingest;
    Clock& clock;
    InstanceId instance;
    std::string base_url;
  };
  // `streams` by their names. All references outlive it; the destructor stops the thread.
  static Result<std::unique_ptr<JetstreamSource>> start(const Place& place,
                                                        const std::set<std::string>& streams,
                                                        const JetstreamSettings& settings,
                                                        std::function<double()> random, OnChange on_change);
  ~JetstreamSource();
  JetstreamSource(const JetstreamSource&) = delete;
  JetstreamSource& operator=(const JetstreamSource&) = delete;

  // Goes over to these, on the same connection.
  Status watch(const std::set<std::string>& streams);
  [[nodiscard]] connect::ConnectorHealth health() const { return connector_.health(); }

 private:
  JetstreamSource(const Place& place, std::set<std::string> streams, connect::bluesky::Interest interest,
                  connect::bluesky::JetstreamOptions options, const std::string& plc_directory,
                  std::function<double()> random, OnChange on_change);

  std::set<std::string> streams_;
  observe::IngestSink sink_;
  connect::bluesky::StoredPosts known_;
  net::CurlTransport transport_;
  connect::bluesky::HandleLookup handles_;
  connect::bluesky::JetstreamConnector connector_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace linnet::app
