#include "api/sealed_address.hpp"

#include "base/json_fields.hpp"
#include "govern/sealed_secrets.hpp"

namespace linnet::api {
namespace {

constexpr std::size_t kMostSealed = 10'000;

}  // namespace

Result<boost::json::object> seal_address(const SecretBox& box, jobs::JobId job, std::string_view address) {
  LINNET_TRY(const auto sealed, box.seal(address, govern::seal_context_of_job(job.value())));
  return boost::json::object{{"sealed_address", sealed}};
}

Result<std::string> unseal_address(const SecretBox& box, jobs::JobId job, const boost::json::object& input) {
  JsonFields fields(input);
  std::string sealed;
  LINNET_CHECK(fields.text("sealed_address", sealed, kMostSealed));
  auto address = box.unseal(sealed, govern::seal_context_of_job(job.value()));
  if (address) return address;
  return Error::of(ErrorKind::conflict,
                   "who was to be erased cannot be read: it is sealed with another key; ask again");
}

}  // namespace linnet::api
