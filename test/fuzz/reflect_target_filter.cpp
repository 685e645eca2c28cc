// A filter as anybody may write it: what is taken says of every topic the same each time, and its negation
// the opposite.
#include "expect.hpp"
#include "reflect/target_filter.hpp"

using linnet::fuzz::expect;
using namespace linnet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  int column = 0;
  const auto filter = reflect::TargetFilter::parse(text, &column);
  if (!filter) {
    expect(column >= 1 && column <= static_cast<int>(text.size()) + 1);
    return 0;
  }
  const auto opposite = reflect::TargetFilter::parse("NOT (" + text + ")");
  for (const reflect::TopicFacts topic :
       {reflect::TopicFacts{}, reflect::TopicFacts{60, 2, 5}, reflect::TopicFacts{10, 0.5, 0}}) {
    const bool matches = filter->matches(topic);
    expect(filter->matches(topic) == matches);
    if (opposite) expect(opposite->matches(topic) != matches);
  }
  return 0;
}
