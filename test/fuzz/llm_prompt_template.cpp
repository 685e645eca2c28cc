// A prompt as somebody may write it, around a text as a stranger may: what can be read is rendered, within
// bounds, and the stranger's text stands between its marks each time.
#include "expect.hpp"
#include "llm/prompt_template.hpp"

using linnet::fuzz::expect;
using namespace linnet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto whole = fuzz::text_of(data, size);
  const auto half = whole.find('\x01');
  const auto prompt = whole.substr(0, half);
  llm::Variables variables;
  variables.emplace(
      "text", llm::Variable::data(std::string(half == std::string_view::npos ? "" : whole.substr(half))));
  variables.emplace("own", llm::Variable::ours("own"));
  std::vector<llm::Variables> items(2);
  items[0].emplace("item", llm::Variable::data("one"));
  items[1].emplace("item", llm::Variable::data("two"));
  variables.emplace("items", llm::Variable::list(std::move(items)));
  const auto mark = llm::data_mark(variables);
  const auto made = llm::render(prompt, variables, mark);
  if (!made) {
    expect(made.error().safe.starts_with("prompt, line ") ||
           made.error().safe.starts_with("the prompt is longer"));
    return 0;
  }
  expect(llm::names_in(prompt).ok());
  expect(made->size() <= 2 * llm::kLongestRendered + size);
  std::size_t opened = 0;
  std::size_t closed = 0;
  for (auto at = made->find(mark); at != std::string::npos; at = made->find(mark, at + 1))
    ++((*made)[at - 1] == '/' ? closed : opened);
  expect(opened == closed || prompt.find("data-") != std::string_view::npos);
  return 0;
}
