#include "api/action_media.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "act/attempt_store.hpp"

namespace linnet::api {
namespace {

struct ShownType {
  std::string_view media_type;
  std::string_view ending;
};
// Nothing of these can hold a script; SVG, for one, can.
constexpr std::array<ShownType, 8> kShown{{{"image/png", "png"},
                                           {"image/jpeg", "jpg"},
                                           {"image/gif", "gif"},
                                           {"image/webp", "webp"},
                                           {"image/avif", "avif"},
                                           {"video/mp4", "mp4"},
                                           {"video/webm", "webm"},
                                           {"video/quicktime", "mov"}}};

Result<std::int64_t> read_place(const std::string& text) {
  std::int64_t place = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), place);
  if (error != std::errc() || end != text.data() + text.size() || place < 0)
    return invalid(fmt::format("n: expected the number of a file, from 0, got \"{}\"", text.substr(0, 40)));
  return place;
}

}  // namespace

Answer action_media(const Call& call) {
  LINNET_TRY(const auto place, read_place(call.path[1]));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto attempt, act::find_attempt(*reader, call.path[0]));
  if (attempt.type == model::ActionType::dm_send && !call.who.may(govern::Permission::dm_read))
    return Error::of(ErrorKind::denied, "this needs the right \"dm_read\"; an admin can give it");
  LINNET_TRY(const auto file, act::find_media(*reader, attempt.id.value(), place));
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
  return boost::json::value(file.bytes);
}

}  // namespace linnet::api
