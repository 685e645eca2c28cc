// Reads a record of app.bsky.feed.post into a PostSighting.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "connect/log_lines.hpp"
#include "model/sighting.hpp"

namespace linnet::connect::bluesky {

class PostRecordReader {
 public:
  PostRecordReader(Arena& arena, std::string& scratch) : arena_(arena), scratch_(scratch) {}

  // Everything of the post that the record says itself; who wrote it and where it stands is the caller's.
  // Facets whose places do not fit the text are left out, as the platform's own clients do.
  FieldError read(simdjson::dom::object record, model::PostSighting& post);
  // When the author says that it was written; absent where that is no time.
  [[nodiscard]] std::optional<Instant> created_at() const { return created_at_; }

 private:
  using Value = simdjson::dom::element;
  enum class Feature { link, mention, tag };
  struct Facet {
    std::size_t begin = 0;  // bytes of the text
    std::size_t end = 0;
    Feature feature = Feature::link;
    std::string_view value;
  };

  FieldError read_field(std::string_view key, Value value, model::PostSighting& post);
  void read_facets(Value value);
  void read_facet(simdjson::dom::object object);
  void read_feature(simdjson::dom::object object, Facet& facet, bool& is_known);
  void read_tags(Value value, model::PostSighting& post);
  void read_reply(Value value, model::PostSighting& post);
  void read_embed(Value value, model::PostSighting& post, int depth);
  void read_images(Value value, model::PostSighting& post);
  void add_media(model::PostSighting& post, model::MediaSighting media);
  void add_tag(model::PostSighting& post, std::string_view name);
  void use_facets(model::PostSighting& post);
  [[nodiscard]] bool fits(const Facet& facet, std::size_t from) const;
  void append_link(const Facet& facet);
  model::MaybeText maybe_text(Value value);

  Arena& arena_;
  std::string& scratch_;
  std::string_view text_;
  std::vector<Facet> facets_;
  std::optional<Instant> created_at_;
};

}  // namespace linnet::connect::bluesky
