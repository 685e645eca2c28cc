// Jobs that make the tables anew, or take a person out of them.
#pragma once

#include "app/job_handlers.hpp"

namespace linnet::app {

Status replay(const JobParts& parts, jobs::JobContext& context);
Status retry_events(const JobParts& parts, jobs::JobContext& context);
Status erase(const JobParts& parts, jobs::JobContext& context);

}  // namespace linnet::app
