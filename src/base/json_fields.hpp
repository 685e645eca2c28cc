// Reads the members of one JSON object that came from outside, and refuses what it does not know: each error
// names the field, what was expected and what was given.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/text_limits.hpp"

namespace linnet {

// The text as an object; `what` names it ("body"). Empty text is an empty object.
Result<boost::json::object> parse_json_object(std::string_view what, std::string_view text);

// A member that is absent leaves the target as it is. The object outlives the reader.
class JsonFields {
 public:
  explicit JsonFields(const boost::json::object& object, std::string path = {})
      : object_(object), path_(std::move(path)) {}

  Status integer(std::string_view name, std::int64_t& into, std::int64_t least, std::int64_t most);
  Status flag(std::string_view name, bool& into);
  // `most` characters (base/text_limits.hpp).
  Status text(std::string_view name, std::string& into, std::size_t most = kLongestWord);
  // ISO 8601 with «Z» or an offset; null is none.
  Status time(std::string_view name, std::optional<Instant>& into);
  // Each as long as a word, and so many.
  Status texts(std::string_view name, std::vector<std::string>& into, std::size_t most = 1'000);
  Status integers(std::string_view name, std::vector<std::int64_t>& into, std::int64_t least,
                  std::int64_t most);
  // A member that is an object; null leaves all as it is.
  Status object(std::string_view name, const std::function<Status(JsonFields&)>& read);
  // A member that is a list of objects.
  Status objects(std::string_view name, const std::function<Status(JsonFields&)>& read);
  [[nodiscard]] bool is_null(std::string_view name) const;
  // `invalid` when there is a member that nothing asked for.
  [[nodiscard]] Status nothing_else() const;

 private:
  const boost::json::value* find(std::string_view name);
  [[nodiscard]] Error wrong(std::string_view name, std::string_view expected,
                            const boost::json::value& got) const;

  const boost::json::object& object_;
  std::string path_;
  std::vector<std::string> known_;
};

}  // namespace linnet
