// One thread for each watched stream, and one for each server's counts; of Bluesky one for all its streams.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/jetstream_source.hpp"
#include "base/clock.hpp"
#include "connect/connector_health.hpp"
#include "observe/ingest.hpp"
#include "store/writer.hpp"

namespace linnet::app {

class Connectors {
 public:
  using OnChange = std::function<void(const connect::ConnectorHealth&)>;
  // Starts what the table `watches` lists. All references outlive it; the destructor stops the threads.
  static Result<std::unique_ptr<Connectors>> start(store::Database& database, store::Writer& writer,
                                                   observe::Ingest& ingest, Clock& clock,
                                                   const std::string& data,
                                                   const JetstreamSettings& jetstream, OnChange on_change);
  virtual ~Connectors() = default;
  [[nodiscard]] virtual std::vector<connect::ConnectorHealth> health() const = 0;
};

}  // namespace linnet::app
