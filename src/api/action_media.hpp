// The pictures and films that go with an action, for whoever decides on it.
#pragma once

#include "api/media_uploads.hpp"
#include "api/routes.hpp"
#include "store/record/entity.hpp"

namespace linnet::api {

// The file at the place {n}, from 0, of the action {id}. What a browser could run is given for saving only.
Answer action_media(const Call& call);
// Where the file goes that an action to come will name; `invalid` for one that does not come as it is.
Result<std::shared_ptr<net::BodySink>> open_upload(Api& api, const govern::Who& who,
                                                   const net::Request& request);
// It is there.
Result<Upload> upload_media(const Call& call);

}  // namespace linnet::api

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::api::Upload>();
