#include "govern/exact_table.hpp"

#include <bit>

namespace linnet::govern {

void ExactTable::build() {
  if (items_.empty()) return;
  slots_.assign(std::bit_ceil(items_.size() * 2), {});
  mask_ = slots_.size() - 1;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto hash = std::hash<std::string_view>{}(items_[i].key);
    auto at = hash & mask_;
    while (slots_[at].item != 0) at = (at + 1) & mask_;
    slots_[at] = {tag_of(hash), static_cast<std::uint32_t>(i + 1)};
  }
}

}  // namespace linnet::govern
