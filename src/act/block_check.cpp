#include "act/block_check.hpp"

#include "base/log.hpp"

namespace linnet::act {

govern::BlockSubject subject_of(const BlockQuestion& question) {
  govern::BlockSubject subject{question.platform, question.user_id, question.user_name, question.post_id,
                               question.texts,    question.links,   question.server};
  // Words that nobody here wants to deal with count where people describe themselves as well.
  if (!question.user_bio.empty()) subject.texts.push_back(question.user_bio);
  return subject;
}

BlockCheck block_check(govern::Blocklist& list) {
  return [&list](const BlockQuestion& question) -> std::optional<BlockAnswer> {
    const auto hit = list.check(subject_of(question), question.user_bio);
    if (!hit) {
      log::error("blocklist: {}", hit.error().message);
      return BlockAnswer{"the blocklist cannot be read now", false, true};
    }
    if (!*hit) return {};
    return BlockAnswer{(*hit)->reason, (*hit)->is_opt_out, false};
  };
}

}  // namespace linnet::act
