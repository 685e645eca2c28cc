// Who bears an address, in whatever spelling the instances show it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "store/connection.hpp"

namespace linnet::model {

// An address ("ada@bücher.example", a handle, or a bare name of the instance itself) as one instance writes
// it.
class SoughtAddress {
 public:
  // `address` in any spelling.
  SoughtAddress(std::string_view address, std::string_view base_url_of_instance);

  [[nodiscard]] bool is(std::string_view acct) const;
  [[nodiscard]] const std::string& key() const { return key_; }

  // The forms in ASCII and small letters: the key; without the server, where that is the instance; with it,
  // where the address has none; with the dot that some servers write at the end of others' names.
  [[nodiscard]] const std::array<std::string, 4>& spellings() const { return spellings_; }

 private:
  std::string key_;
  std::array<std::string, 4> spellings_;
};

// SQL that is true where a text goes beyond ASCII: databases fold no other letters, so that such a text is to
// be compared by `SoughtAddress::is`.
std::string is_beyond_ascii(store::Engine engine, std::string_view column);
// SQL that is true of every row whose `column` may spell the address; its four spellings are bound as
// parameters from `first` on.
std::string may_spell(store::Engine engine, std::string_view column, int first);

struct ShownAccount {
  std::string id;    // the platform's own
  std::string acct;  // as the instance writes it
};
// The accounts that an instance shows under the address: nearly always one or none.
Result<std::vector<ShownAccount>> accounts_shown_as(store::Connection& connection, InstanceId instance,
                                                    std::string_view address);

}  // namespace linnet::model
