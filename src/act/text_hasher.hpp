// What stands for a text in the tables, so that the same is recognised: a hash under a key of the database,
// for a plain one would confirm every guess at a sealed message.
#pragma once

#include <string>
#include <string_view>

#include "act/attempt.hpp"
#include "base/secret_box.hpp"
#include "store/connection.hpp"

namespace linnet::act {

class TextHasher {
 public:
  // With the database's key, which is made at first use, within the caller's writing transaction; what was
  // hashed plainly until then is put under it.
  static Result<TextHasher> open(store::Connection& connection, const SecretBox& box);
  // With the key that is there; none is made.
  static Result<TextHasher> read(store::Connection& connection, const SecretBox& box);

  // Of a plain hash (text_hash_of); of nothing nothing. One that is under the key stays as it is.
  [[nodiscard]] std::string keyed(std::string_view plain_hash) const;
  // Puts every hash of the attempt under the key.
  void apply(Attempt& attempt) const;

 private:
  explicit TextHasher(std::string key) : key_(std::move(key)) {}

  std::string key_;  // empty: there is none yet
};

}  // namespace linnet::act
