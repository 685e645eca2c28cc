#include "api/action_body.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/routes.hpp"
#include "base/binary_text.hpp"
#include "base/file_kind.hpp"
#include "base/json_fields.hpp"

namespace linnet::api {
namespace {

constexpr std::int64_t kLongestPoll =
    10LL * 366 * 86'400;  // each server has limits of its own, which are less
// A body names a file that was sent ahead in a few bytes, and may name one again and again: all of them are
// held in memory until they are written down. Each server takes less.
constexpr std::size_t kMostFiles = 20;
constexpr std::size_t kMostPosts = 50;
constexpr std::size_t kMostMediaBytes = std::size_t{200} << 20U;

Result<std::string> bytes_of(const std::string& data, const std::string& upload, const ReadUpload& read) {
  if (!data.empty() && !upload.empty()) return invalid("media: expected data or upload, got both");
  if (upload.empty()) {
    auto bytes = from_base64(data);
    return bytes ? Result<std::string>(std::move(*bytes)) : invalid("media.data: expected base64");
  }
  if (!read) return Error::of(ErrorKind::denied, "media.upload: files cannot be sent ahead here");
  return read(upload);
}

// The files of one body, however many posts they go with.
class Files {
 public:
  explicit Files(const ReadUpload& read) : read_(read) {}
  Result<std::string> read(const std::string& data, const std::string& upload) {
    LINNET_TRY(auto bytes, bytes_of(data, upload, read_));
    size_ += bytes.size();
    if (size_ > kMostMediaBytes)
      return invalid(fmt::format("media: at most {} MB in one request", kMostMediaBytes >> 20U));
    return bytes;
  }

 private:
  const ReadUpload& read_;
  std::size_t size_ = 0;
};

Status read_media(JsonFields& fields, connect::Draft& draft, Files& files) {
  return fields.objects("media", [&](JsonFields& media) -> Status {
    if (draft.media.size() == kMostFiles) return invalid(fmt::format("media: at most {} files", kMostFiles));
    connect::MediaFile file;
    std::string data;
    std::string upload;
    LINNET_CHECK(media.text("name", file.name));
    std::string told;  // what browsers say of files is not believed
    LINNET_CHECK(media.text("media_type", told));
    LINNET_CHECK(media.text("alt_text", file.alt_text, kLongestPost));
    LINNET_CHECK(media.text("data", data, kLargeBody));
    LINNET_CHECK(media.text("upload", upload));
    LINNET_TRY(file.bytes, files.read(data, upload));
    if (file.bytes.empty())
      return invalid("media.data: expected the file as base64, or media.upload, got nothing");
    file.media_type = media_type_of(file.bytes);
    if (file.name.empty()) file.name = "file";  // without a name, servers take it for a mere field
    draft.media.push_back(std::move(file));
    return {};
  });
}

Status read_poll(JsonFields& fields, connect::Draft& draft) {
  return fields.object("poll", [&](JsonFields& given) -> Status {
    connect::Poll poll;
    std::int64_t seconds = 86'400;
    LINNET_CHECK(given.texts("options", poll.options));
    LINNET_CHECK(given.integer("open_for_seconds", seconds, 1, kLongestPoll));
    LINNET_CHECK(given.flag("multiple", poll.multiple));
    poll.open_for = std::chrono::seconds(seconds);
    draft.poll = std::move(poll);
    return {};
  });
}

Status read_draft(JsonFields& fields, connect::Draft& draft, Files& files) {
  LINNET_CHECK(fields.text("text", draft.text, kLongestPost));
  LINNET_CHECK(fields.text("spoiler_text", draft.spoiler_text, kLongestPost));
  LINNET_CHECK(fields.text("visibility", draft.visibility));
  LINNET_CHECK(fields.text("language", draft.language));
  LINNET_CHECK(fields.text("quote_policy", draft.quote_policy));
  LINNET_CHECK(fields.text("channel", draft.channel));
  LINNET_CHECK(fields.flag("sensitive", draft.sensitive));
  LINNET_CHECK(fields.time("scheduled_at", draft.scheduled_at));
  std::string quoted;
  std::string link;
  LINNET_CHECK(fields.text("quoted_id", quoted));
  LINNET_CHECK(fields.text("link", link, kLongestSecret));
  if (!quoted.empty()) draft.quoted_id = quoted;
  if (!link.empty()) draft.link = link;
  LINNET_CHECK(read_media(fields, draft, files));
  return read_poll(fields, draft);
}

// What waits at the platform has no id yet that another could answer.
Status check_scheduled(const act::NewAction& action) {
  const bool is_scheduled = std::any_of(action.drafts.begin(), action.drafts.end(),
                                        [](const auto& draft) { return draft.scheduled_at.has_value(); });
  if (!is_scheduled) return {};
  using enum model::ActionType;
  if (action.type != publish && action.type != reply && action.type != comment)
    return invalid(
        "scheduled_at: only posts and answers can be left to the platform's scheduler; use due_at");
  if (action.drafts.size() > 1)
    return invalid("scheduled_at: a thread cannot be left to the platform's scheduler; use due_at");
  return {};
}

Status read_target(JsonFields& fields, act::NewAction& action) {
  std::string post;
  std::string person;
  std::string thread;
  LINNET_CHECK(fields.text("post_id", post));
  LINNET_CHECK(fields.text("person_id", person));
  LINNET_CHECK(fields.text("thread_id", thread));
  LINNET_CHECK(fields.text("person_name", action.target_name));
  if (!post.empty() + !person.empty() + !thread.empty() > 1)
    return invalid("post_id, person_id, thread_id: expected one of them");
  if (!post.empty()) action.target_id = post;
  if (!person.empty()) {
    action.target_type = model::TargetType::user;
    action.target_id = person;
  }
  if (!thread.empty()) {
    action.target_type = model::TargetType::dm_thread;
    action.target_id = thread;
  }
  return {};
}

}  // namespace

Result<ActionBody> parse_action_body(std::string_view text, const ReadUpload& read) {
  LINNET_TRY(const auto object, parse_json_object("body", text));
  JsonFields fields(object);
  ActionBody body;
  std::string type;
  LINNET_CHECK(fields.text("type", type));
  const auto parsed = model::parse_action_type(type);
  if (!parsed)
    return invalid(fmt::format("type: expected publish, reply, like …, got \"{}\"", type.substr(0, 60)));
  body.action.type = *parsed;
  LINNET_CHECK(fields.text("account", body.account));
  if (body.account.empty())
    return invalid("account: expected the id or name of the account that acts, got nothing");
  LINNET_CHECK(read_target(fields, body.action));
  connect::Draft draft;
  Files files(read);
  LINNET_CHECK(read_draft(fields, draft, files));
  LINNET_CHECK(fields.objects("posts", [&](JsonFields& post) -> Status {
    if (body.action.drafts.size() == kMostPosts) return invalid(fmt::format("posts: at most {}", kMostPosts));
    body.action.drafts.emplace_back();
    return read_draft(post, body.action.drafts.back(), files);
  }));
  const bool has_content = !draft.text.empty() || !draft.media.empty() || draft.poll;
  if (!body.action.drafts.empty() && has_content)
    return invalid("posts: expected either posts or text, not both");
  if (body.action.drafts.empty() && model::has_text(*parsed)) body.action.drafts.push_back(std::move(draft));
  LINNET_CHECK(check_scheduled(body.action));
  LINNET_CHECK(fields.time("due_at", body.action.due_at));
  LINNET_CHECK(fields.time("expires_at", body.action.expires_at));
  LINNET_CHECK(fields.text("run_id", body.action.run_id, kLongestKey));
  LINNET_CHECK(fields.text("request_key", body.action.request_key, kLongestKey));
  LINNET_CHECK(fields.flag("approve", body.action.approve));
  LINNET_CHECK(fields.flag("dry_run", body.dry_run));
  LINNET_CHECK(fields.nothing_else());
  return body;
}

}  // namespace linnet::api
