// The address of somebody who is to be erased, on its way through the table of jobs: nothing that is written
// down there may stay of it, so that it is sealed.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/secret_box.hpp"
#include "jobs/job.hpp"

namespace linnet::api {

Result<boost::json::object> seal_address(const SecretBox& box, jobs::JobId job, std::string_view address);
// `conflict` where the key was changed since.
Result<std::string> unseal_address(const SecretBox& box, jobs::JobId job, const boost::json::object& input);

}  // namespace linnet::api
