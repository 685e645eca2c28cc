// What other processes on the database are told of a batch that one of them applied, so that those who follow
// live there see it, too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/applied.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

constexpr std::string_view kAppliedTopic = "applied";

// This run of the program, by which it knows its own words.
const std::string& own_voice();

// Within the transaction that applies it. Of a large batch the newest changes are told, and that there were
// more.
Status tell_others(store::Connection& connection, const AppliedBatch& batch);

// One batch may come in several pieces, one after the other.
std::vector<std::string> to_notices(const AppliedBatch& batch, std::string_view voice);
// nullopt: of this process itself, or not to be understood.
std::optional<AppliedBatch> from_notice(std::string_view text, std::string_view own_voice);

}  // namespace linnet::observe
