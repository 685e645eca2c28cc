// Bluesky as it is watched: one connection to Jetstream for all that is watched of it.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/leased_reader.hpp"
#include "connect/bluesky/handle_lookup.hpp"
#include "connect/bluesky/jetstream_connector.hpp"
#include "net/curl_transport.hpp"
#include "observe/ingest_sink.hpp"
#include "observe/once_sink.hpp"

namespace linnet::app {

struct JetstreamSettings {
  std::vector<std::string> servers;
  std::string dictionary;  // path; empty: none
  std::string plc_directory;
};

class JetstreamSource final : public LeasedReader::Turn {
 public:
  using OnChange = std::function<void(const connect::ConnectorHealth&)>;
  struct Place {
    store::Database& database;
    observe::Ingest& ingest;
    Clock& clock;
    InstanceId instance;
    std::string base_url;
  };
  // `streams` by their names. All references outlive it.
  static Result<std::shared_ptr<JetstreamSource>> make(const Place& place,
                                                       const std::set<std::string>& streams,
                                                       const JetstreamSettings& settings,
                                                       std::function<double()> random, OnChange on_change,
                                                       const store::Fence& under);
  // What it shows while another process follows it.
  static Result<connect::ConnectorHealth> at_rest(const std::string& base_url,
                                                  const std::set<std::string>& streams, Instant now);
  ~JetstreamSource() override;
  JetstreamSource(const JetstreamSource&) = delete;
  JetstreamSource& operator=(const JetstreamSource&) = delete;

  // Goes over to these, on the same connection.
  Status watch(const std::set<std::string>& streams);
  void run(const std::stop_token& stop) override { connector_.run(stop); }
  [[nodiscard]] connect::ConnectorHealth health() const override { return connector_.health(); }

 private:
  JetstreamSource(const Place& place, std::set<std::string> streams, connect::bluesky::Interest interest,
                  connect::bluesky::JetstreamOptions options, const std::string& plc_directory,
                  std::function<double()> random, OnChange on_change, const store::Fence& under,
                  const std::vector<std::uint64_t>& logged);

  std::set<std::string> streams_;
  observe::IngestSink ingest_;
  observe::OnceSink sink_;
  connect::bluesky::StoredPosts known_;
  net::CurlTransport transport_;
  connect::bluesky::HandleLookup handles_;
  connect::bluesky::JetstreamConnector connector_;
};

}  // namespace linnet::app
