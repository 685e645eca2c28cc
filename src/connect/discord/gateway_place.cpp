#include "connect/discord/gateway_place.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_members.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;

std::optional<ShardPlace> read_place(const json::value& value) {
  const auto* const object = value.if_object();
  const auto* const at = object == nullptr ? nullptr : object->if_contains("at");
  if (at == nullptr || !at->is_int64()) return {};
  ShardPlace place{text_in(*object, "session"), text_in(*object, "url"), 0, from_micros(at->as_int64()),
                   true};
  const auto* const seq = object->if_contains("seq");
  if (seq != nullptr && seq->is_int64()) place.seq = seq->as_int64();
  const auto* const has_gap = object->if_contains("has_gap");
  place.has_gap = has_gap == nullptr || !has_gap->is_bool() || has_gap->as_bool();
  return place;
}

}  // namespace

std::string to_cursor(const std::vector<ShardPlace>& places) {
  json::array all;
  for (const auto& place : places)
    all.emplace_back(json::object{{"session", place.session},
                                  {"url", place.url},
                                  {"seq", place.seq},
                                  {"at", to_micros(place.at)},
                                  {"has_gap", place.has_gap}});
  return json::serialize(json::object{{"shards", std::move(all)}});
}

std::vector<ShardPlace> read_cursor(const std::optional<std::string>& cursor, std::size_t shards, Instant now,
                                    Duration look_back) {
  std::vector<ShardPlace> places;
  const auto kept = parse_object(cursor.value_or(""));
  if (const auto* const all = list_in(kept, "shards"); all != nullptr) {
    for (const auto& value : *all)
      if (auto place = read_place(value)) places.push_back(std::move(*place));
  }
  if (places.size() == shards) return places;
  ShardPlace first;
  first.at = now - look_back;
  if (!places.empty())
    first.at = std::min_element(places.begin(), places.end(), [](const auto& one, const auto& other) {
                 return one.at < other.at;
               })->at;
  return std::vector<ShardPlace>(shards, first);
}

}  // namespace linnet::connect::discord
