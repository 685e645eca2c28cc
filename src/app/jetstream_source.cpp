#include "app/jetstream_source.hpp"

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

Result<std::unique_ptr<JetstreamSource>> JetstreamSource::start(const Place& place,
                                                                const std::set<std::string>& streams,
                                                                const JetstreamSettings& settings,
                                                                std::function<double()> random,
                                                                OnChange on_change) {
  LINNET_TRY(auto interest, interest_of(streams));
  bluesky::JetstreamOptions options;
  options.servers = settings.servers;
  options.dictionary = settings.dictionary;
  LINNET_TRY(auto reader, place.database.reader());
  LINNET_TRY(options.cursor, observe::load_cursor(*reader, bluesky::jetstream_id(place.base_url)));
  return std::unique_ptr<JetstreamSource>(new JetstreamSource(place, streams, std::move(interest),
                                                              std::move(options), settings.plc_directory,
                                                              std::move(random), std::move(on_change)));
}

JetstreamSource::JetstreamSource(const Place& place, std::set<std::string> streams,
                                 bluesky::Interest interest, bluesky::JetstreamOptions options,
                                 const std::string& plc_directory, std::function<double()> random,
                                 OnChange on_change)
    : streams_(std::move(streams)),
      sink_(place.ingest, place.instance, bluesky::jetstream_id(place.base_url)),
      known_(place.database, place.instance),
      handles_(transport_, sink_, place.clock, {place.base_url, plc_directory}),
      connector_(place.base_url, sink_, known_, place.clock, std::move(random), std::move(interest),
                 telling_renamed(std::move(options), handles_), std::move(on_change)),
      thread_([this](const std::stop_token& stop) { connector_.run(stop); }) {}

JetstreamSource::~JetstreamSource() = default;

Status JetstreamSource::watch(const std::set<std::string>& streams) {
  if (streams == streams_) return {};
  LINNET_TRY(auto interest, interest_of(streams));
  connector_.watch(std::move(interest));
  streams_ = streams;
  return {};
}

}  // namespace linnet::app
