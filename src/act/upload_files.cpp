#include "act/upload_files.hpp"

#include "act/records.hpp"

namespace linnet::act {
namespace {

using connect::Outcome;
using connect::OutcomeKind;

Outcome goes_later(Error error) {
  Outcome outcome;
  outcome.kind = OutcomeKind::not_sent;
  outcome.error = std::move(error);
  return outcome;
}

Result<std::optional<Outcome>> find_them(Lane& lane, Loaded& loaded) {
  LINNET_TRY(auto reader, lane.database.reader());
  const auto found =
      lane.options.media.find_places(*reader, loaded.attempt.id.value(), loaded.order.draft.media);
  if (found) return std::optional<Outcome>();
  const bool is_lost = found.error().kind == ErrorKind::not_found;
  return std::optional(is_lost ? connect::refused(found.error()) : goes_later(found.error()));
}

Result<std::optional<Outcome>> upload_one(Lane& lane, Loaded& loaded, std::size_t position,
                                          const std::stop_token& stop) {
  auto& file = loaded.order.draft.media[position];
  auto upload = lane.connector->upload(file, loaded.order, stop);
  if (upload.failure) return std::move(upload.failure);
  file.uploaded_id = std::move(upload.id);
  if (file.uploaded_id.empty()) return std::optional<Outcome>();  // it goes with the post itself
  LINNET_CHECK(lane.writer.write([&](store::Connection& connection) {
    return note_uploaded(connection, loaded.attempt.id, position, file.uploaded_id, lane.clock.now());
  }));
  return std::optional<Outcome>();
}

// Whoever took this worker for dead has taken the attempt up, or will: then it is not ours to publish.
Result<std::optional<Outcome>> begin_publishing(Lane& lane, Loaded& loaded) {
  const auto& attempt = loaded.attempt;
  const auto now = lane.clock.now();
  bool is_ours = false;
  LINNET_CHECK(lane.writer.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE action_attempts SET is_uploading = 0, last_sent_at = $4
                               WHERE id = $1 AND status = 'in_progress' AND worker = $2 AND tries = $3)",
                            {std::string_view(attempt.id.value()), std::string_view(lane.worker),
                             attempt.tries, to_micros(now)}));
    is_ours = connection.changes() == 1;
    return {};
  }));
  if (!is_ours) return std::optional(goes_later(unavailable("another process has taken the action up")));
  loaded.attempt.last_sent_at = now;
  return std::optional<Outcome>();
}

}  // namespace

Result<UploadedFiles> upload_files(Lane& lane, Loaded& loaded, const std::stop_token& stop) {
  UploadedFiles uploaded;
  auto& files = loaded.order.draft.media;
  if (files.empty()) return uploaded;
  LINNET_TRY(uploaded.failure, find_them(lane, loaded));
  for (std::size_t i = 0; i < files.size() && !uploaded.failure; ++i) {
    if (!files[i].uploaded_id.empty()) {
      uploaded.has_earlier = true;
      continue;
    }
    LINNET_TRY(uploaded.failure, upload_one(lane, loaded, i, stop));
  }
  if (!uploaded.failure) {
    LINNET_TRY(uploaded.failure, begin_publishing(lane, loaded));
  }
  loaded.attempt.is_uploading = false;
  return uploaded;
}

Result<bool> forget_refused_uploads(Lane& lane, const Loaded& loaded, const UploadedFiles& uploaded,
                                    const connect::Outcome& outcome) {
  const bool is_about_it = outcome.kind == OutcomeKind::refused && !outcome.signed_out && !outcome.restricted;
  if (!uploaded.has_earlier || !is_about_it) return false;
  LINNET_CHECK(lane.writer.write(
      [&](store::Connection& connection) { return forget_uploads(connection, loaded.attempt.id); }));
  return true;
}

}  // namespace linnet::act
