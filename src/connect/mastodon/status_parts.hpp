// The parts of a Mastodon status: its author, media, mentions, hashtags and poll.
#pragma once

#include "connect/field_reader.hpp"

namespace linnet::connect::mastodon {

FieldError read_account(FieldReader& fields, simdjson::ondemand::value value,
                        model::AccountSighting& account);
// Of the rest nothing is required: what cannot be understood is left out.
void read_media(FieldReader& fields, Arena& arena, simdjson::ondemand::value value,
                std::vector<model::MediaSighting>& media);
void read_mentions(FieldReader& fields, simdjson::ondemand::value value,
                   std::vector<model::MentionSighting>& mentions);
void read_tags(FieldReader& fields, Arena& arena, simdjson::ondemand::value value,
               std::vector<std::string_view>& hashtags);
void read_poll(FieldReader& fields, Arena& arena, simdjson::ondemand::value value, model::PostSighting& post);

}  // namespace linnet::connect::mastodon
