#include "api/action_media.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "act/attempt_store.hpp"
#include "base/ascii.hpp"
#include "net/headers.hpp"
#include "store/record/members.hpp"

namespace linnet::api {
namespace {

struct ShownType {
  std::string_view media_type;
  std::string_view ending;
};
// Nothing of these can hold a script; SVG, for one, can.
constexpr std::array<ShownType, 15> kShown{{{"image/png", "png"},
                                            {"image/jpeg", "jpg"},
                                            {"image/gif", "gif"},
                                            {"image/webp", "webp"},
                                            {"image/avif", "avif"},
                                            {"video/mp4", "mp4"},
                                            {"video/webm", "webm"},
                                            {"video/quicktime", "mov"},
                                            {"video/ogg", "ogv"},
                                            {"audio/mpeg", "mp3"},
                                            {"audio/ogg", "ogg"},
                                            {"audio/mp4", "m4a"},
                                            {"audio/wav", "wav"},
                                            {"audio/flac", "flac"},
                                            {"audio/aac", "aac"}}};

Result<std::int64_t> read_place(const std::string& text) {
  std::int64_t place = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), place);
  if (error != std::errc() || end != text.data() + text.size() || place < 0)
    return invalid(fmt::format("n: expected the number of a file, from 0, got \"{}\"", text.substr(0, 40)));
  return place;
}

// What the file is wrapped in, where it does not come as it is: all of that would be kept as the file.
std::string_view wrapping_of(const net::Request& request) {
  const auto coding = request.header("Content-Encoding").value_or("identity");
  if (!ascii::equal_ignoring_case(coding, "identity")) return "a Content-Encoding";
  const auto type = request.header("Content-Type").value_or("");
  const auto begins = [&](std::string_view with) {
    return ascii::equal_ignoring_case(type.substr(0, with.size()), with);
  };
  if (begins("multipart/")) return "a form (multipart)";
  return begins("application/json") ? "JSON" : "";
}

}  // namespace

Answer action_media(const Call& call) {
  LINNET_TRY(const auto place, read_place(call.path[1]));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto attempt, act::find_attempt(*reader, call.path[0]));
  if (attempt.type == model::ActionType::dm_send && !call.who.may(govern::Permission::dm_read))
    return Error::of(ErrorKind::denied, "this needs the right \"dm_read\"; an admin can give it");
  LINNET_TRY(auto file, act::find_media(*reader, attempt.id.value(), place));
  LINNET_CHECK(call.api.dependencies.media.find_place(*reader, attempt.id.value(), place, file));
  LINNET_TRY(const auto bytes, connect::read_file(file.path));
  const auto* const shown = std::find_if(kShown.begin(), kShown.end(), [&](const ShownType& type) {
    return type.media_type == file.media_type;
  });
  const bool is_shown = shown != kShown.end();
  call.content_type = is_shown ? shown->media_type : std::string_view("application/octet-stream");
  // Under a name of our own: the file's may hold anything.
  call.headers.add("Content-Disposition",
                   fmt::format("{}; filename=\"{}.{}\"", is_shown ? "inline" : "attachment", place + 1,
                               is_shown ? shown->ending : "bin"));
  call.headers.add("Content-Security-Policy", "default-src 'none'; sandbox");
  call.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  return boost::json::value(bytes);
}

Result<std::shared_ptr<net::BodySink>> open_upload(Api& api, const govern::Who& who,
                                                   const net::Request& request) {
  if (const auto packed = wrapping_of(request); !packed.empty())
    return invalid(fmt::format(
        "body: expected the bytes of the file as they are, got {}; with curl: --data-binary @FILE", packed));
  return UploadSink::open(api.dependencies.uploads, who);
}

Result<Upload> upload_media(const Call& call) {
  auto* const sink = dynamic_cast<UploadSink*>(call.request.sink().get());
  if (sink == nullptr) return invalid("body: expected the bytes of a file, got nothing");
  return sink->finish();
}

}  // namespace linnet::api

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::api::Upload>() {
  using linnet::api::Upload;
  static const auto described = entity<Upload>(
      {.name = "Upload"}, {field<&Upload::id>("upload"),
                           field<&Upload::media_type>("media_type").like("video/mp4").means("By its bytes"),
                           field<&Upload::size>("size")});
  return described;
}
