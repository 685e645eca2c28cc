// Every kind of job there is, as data. What each does is bound to its name in src/app/job_handlers.cpp.
#pragma once

#include <span>

#include "jobs/job.hpp"

namespace linnet::jobs {

std::span<const Kind> known_kinds();

}  // namespace linnet::jobs
