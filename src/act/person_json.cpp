#include "act/person_json.hpp"

#include "store/record/json.hpp"

namespace linnet::act {
namespace {

template <std::int64_t observe::ObservedErasure::*count>
std::int64_t observed(const PersonErasure& erasure) {
  return erasure.observed.*count;
}
std::int64_t consents_of(const PersonErasure& erasure) {
  return erasure.consents();
}
std::int64_t blocks_of(const PersonErasure& erasure) {
  return erasure.blocks();
}

}  // namespace

boost::json::object to_json(const PersonErasure& erasure) {
  return record::to_json(erasure);
}

}  // namespace linnet::act

namespace linnet::record {

using act::PersonErasure;
using act::PersonRecord;
using observe::ObservedErasure;

template <>
const Entity& entity_of<PersonErasure>() {
  using Erasure = PersonErasure;
  using Observed = ObservedErasure;
  static const auto described =
      entity<Erasure>({.name = "PersonErasure"},
                      {shown<&act::observed<&Observed::posts>>("posts"),
                       shown<&act::observed<&Observed::versions>>("versions"),
                       shown<&act::observed<&Observed::boosts>>("boosts"),
                       shown<&act::observed<&Observed::replies>>("replies"),
                       shown<&act::observed<&Observed::mentions>>("mentions"),
                       shown<&act::observed<&Observed::events>>("events"),
                       field<&Erasure::messages>("messages"), field<&Erasure::insights>("insights"),
                       field<&Erasure::actions>("actions"), field<&Erasure::cancelled>("cancelled"),
                       field<&Erasure::under_way>("under_way").means("They go as soon as they are settled"),
                       shown<&act::consents_of>("consents"), shown<&act::blocks_of>("blocks"),
                       field<&Erasure::summaries>("summaries")});
  return described;
}
template <>
const Entity& entity_of<PersonRecord>() {
  using Record = PersonRecord;
  static const auto described = entity<Record>(
      {.name = "PersonRecord"},
      {field<&Record::address>("address").like("ada@example.social"),
       field<&Record::exported_at>("exported_at"), field<&Record::rows>("accounts"),
       field<&Record::rows>("own_accounts"), field<&Record::rows>("posts"),
       field<&Record::rows>("mentioned_in"), field<&Record::rows>("follows"),
       field<&Record::rows>("messages"), field<&Record::rows>("chat_messages"),
       field<&Record::rows>("reactions"), field<&Record::rows>("topics"), field<&Record::rows>("insights"),
       field<&Record::rows>("actions"), field<&Record::rows>("consents"), field<&Record::rows>("blocklist"),
       field<&Record::rows>("language_models"), field<&Record::rows>("audit")});
  return described;
}

}  // namespace linnet::record
