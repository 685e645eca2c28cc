// The erasure of a person as a job, which may be cut off and run again, and names nobody in the list of jobs.
#pragma once

#include <string>

#include "act/person_erasure.hpp"
#include "jobs/job_context.hpp"

namespace linnet::act {

Status erase_as_job(store::Database& database, store::Writer& writer, Clock& clock,
                    govern::Blocklist& blocklist, const std::string& address, jobs::JobContext& context);

}  // namespace linnet::act
