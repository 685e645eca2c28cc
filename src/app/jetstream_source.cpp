#include "app/jetstream_source.hpp"

#include "observe/logged_statuses.hpp"

namespace linnet::app {

namespace bluesky = connect::bluesky;

namespace {

Result<bluesky::Interest> interest_of(const std::set<std::string>& streams) {
  bluesky::Interest interest;
  for (const auto& stream : streams) LINNET_CHECK(interest.add(stream));
  return interest;
}

bluesky::JetstreamOptions telling_renamed(bluesky::JetstreamOptions options, bluesky::HandleLookup& handles) {
  options.on_renamed = [&handles](const std::string& did) { handles.ask(did); };
  return options;
}

}  // namespace

Result<std::shared_ptr<JetstreamSource>> JetstreamSource::make(
    const Place& place, const std::set<std::string>& streams, const JetstreamSettings& settings,
    std::function<double()> random, OnChange on_change, const store::Fence& under) {
  LINNET_TRY(auto interest, interest_of(streams));
  bluesky::JetstreamOptions options;
  options.servers = settings.servers;
  options.dictionary = settings.dictionary;
  LINNET_TRY(auto reader, place.database.reader());
  LINNET_TRY(options.cursor, observe::load_cursor(*reader, bluesky::jetstream_id(place.base_url)));
  LINNET_TRY(const auto logged,
             observe::lines_logged_lately(*reader, place.instance, bluesky::jetstream_id(place.base_url)));
  return std::shared_ptr<JetstreamSource>(
      new JetstreamSource(place, streams, std::move(interest), std::move(options), settings.plc_directory,
                          std::move(random), std::move(on_change), under, logged));
}

JetstreamSource::JetstreamSource(const Place& place, std::set<std::string> streams,
                                 bluesky::Interest interest, bluesky::JetstreamOptions options,
                                 const std::string& plc_directory, std::function<double()> random,
                                 OnChange on_change, const store::Fence& under,
                                 const std::vector<std::uint64_t>& logged)
    : streams_(std::move(streams)),
      ingest_(place.ingest, place.instance, bluesky::jetstream_id(place.base_url), under),
      sink_(ingest_, logged),
      known_(place.database, place.instance),
      handles_(transport_, sink_, place.clock, {place.base_url, plc_directory}),
      connector_(place.base_url, sink_, known_, place.clock, std::move(random), std::move(interest),
                 telling_renamed(std::move(options), handles_), std::move(on_change)) {}

Result<connect::ConnectorHealth> JetstreamSource::at_rest(const std::string& base_url,
                                                          const std::set<std::string>& streams, Instant now) {
  LINNET_TRY(const auto interest, interest_of(streams));
  connect::ConnectorHealth health;
  health.id = bluesky::jetstream_id(base_url);
  health.instance = base_url;
  health.platform = "bluesky";
  health.stream = interest.name();
  health.since = now;
  return health;
}

JetstreamSource::~JetstreamSource() = default;

Status JetstreamSource::watch(const std::set<std::string>& streams) {
  if (streams == streams_) return {};
  LINNET_TRY(auto interest, interest_of(streams));
  connector_.watch(std::move(interest));
  streams_ = streams;
  return {};
}

}  // namespace linnet::app
