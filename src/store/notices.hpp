// What one process tells the others on its database the moment it is committed (LISTEN and NOTIFY). With an
// embedded database there is nobody to tell.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "store/database.hpp"

namespace linnet::store {

// PostgreSQL carries no more in one notice.
constexpr std::size_t kMostNoticeBytes = 7'900;

// Heard by all listeners of the topic once the transaction is committed, in the order of the commits. Words
// of letters and underscores make a topic.
Status send_notice(Connection& connection, std::string_view topic, std::string_view text);

class NoticeListener {
 public:
  // Both from a thread of the listener, which waits for them.
  struct Handlers {
    std::function<void(std::string_view text)> on_notice;
    // The connection was cut and is there again: what was told meanwhile is not heard.
    std::function<void()> on_missed = [] {};
  };
  static Result<std::unique_ptr<NoticeListener>> start(Database& database, std::string_view topic,
                                                       Handlers handlers);
  virtual ~NoticeListener() = default;
};

}  // namespace linnet::store
