// Before a post: its files, each a step of its own. The platform's id of each is written down at once, so
// that whoever takes the attempt up after a crash goes on with what is there.
#pragma once

#include <optional>

#include "act/lane.hpp"

namespace linnet::act {

struct UploadedFiles {
  bool has_earlier = false;                 // the upload of an earlier try is used
  std::optional<connect::Outcome> failure;  // why nothing may be published now
};

// Of an attempt that is claimed. Without a failure nothing stands between it and what takes effect, and the
// attempt says so. An error is one of our own database.
Result<UploadedFiles> upload_files(Lane& lane, Loaded& loaded, const std::stop_token& stop);

// Forgets them where the platform will not have what an earlier try uploaded: true when they were.
Result<bool> forget_refused_uploads(Lane& lane, const Loaded& loaded, const UploadedFiles& uploaded,
                                    const connect::Outcome& outcome);

}  // namespace linnet::act
