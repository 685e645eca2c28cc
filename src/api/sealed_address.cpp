#include "api/sealed_address.hpp"

#include "base/json_fields.hpp"

namespace linnet::api {
namespace {

constexpr std::string_view kContext = "job erase";
constexpr std::size_t kMostSealed = 10'000;

}  // namespace

Result<boost::json::object> seal_address(const SecretBox& box, std::string_view address) {
  LINNET_TRY(const auto sealed, box.seal(address, kContext));
  return boost::json::object{{"sealed_address", sealed}};
}

Result<std::string> unseal_address(const SecretBox& box, const boost::json::object& input) {
  JsonFields fields(input);
  std::string sealed;
  LINNET_CHECK(fields.text("sealed_address", sealed, kMostSealed));
  auto address = box.unseal(sealed, kContext);
  if (address) return address;
  return Error::of(ErrorKind::conflict,
                   "who was to be erased cannot be read: the key was changed meanwhile; ask again");
}

}  // namespace linnet::api
