// The prepared statements of one connection, by their SQL. Searches have as many shapes as people think of:
// beyond a bound the one that was not asked for longest is given up.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace linnet::store {

// More than any part of the program goes through before it comes back to the same ones.
inline constexpr std::size_t kMostStatements = 250;

// `Prepared` says by is_busy() whether rows of it are still being read: such a one is never given up, nor the
// newest, which its caller is about to run.
template <typename Prepared>
class StatementCache {
 public:
  // Null where it is not known.
  Prepared* find(std::string_view sql) {
    const auto known = entries_.find(sql);
    if (known == entries_.end()) return nullptr;
    known->second.used = ++uses_;
    return known->second.statement.get();
  }

  Prepared* add(std::string_view sql, std::unique_ptr<Prepared> statement) {
    auto& entry = entries_[std::string(sql)];
    entry = {std::move(statement), ++uses_};
    return entry.statement.get();
  }

  // Which one to give up; null as long as there is room. It stays until remove() is called.
  [[nodiscard]] const Prepared* spare() const {
    if (entries_.size() <= kMostStatements) return nullptr;
    const Entry* oldest = nullptr;
    for (const auto& [sql, entry] : entries_) {
      const bool may_go = entry.used != uses_ && !entry.statement->is_busy();
      if (may_go && (oldest == nullptr || entry.used < oldest->used)) oldest = &entry;
    }
    return oldest == nullptr ? nullptr : oldest->statement.get();
  }
  void remove(const Prepared* statement) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.statement.get() == statement; });
  }
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    std::unique_ptr<Prepared> statement;
    std::uint64_t used = 0;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace linnet::store
