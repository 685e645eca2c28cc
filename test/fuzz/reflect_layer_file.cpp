// A layer's file as anybody may write it: it is read or every mistake has a place in the file, the same each
// time.
#include "expect.hpp"
#include "reflect/layer_file.hpp"

using linnet::fuzz::expect;
using namespace linnet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto reading = reflect::read_layer(text);
  expect(reading.layer.has_value() == reading.mistakes.empty());
  for (const auto& mistake : reading.mistakes) {
    expect(mistake.at.line >= 1 && mistake.at.column >= 1 && !mistake.what.empty());
  }
  const auto again = reflect::read_layer(text);
  expect(reflect::in_words("f", again.mistakes) == reflect::in_words("f", reading.mistakes));
  if (!reading.layer) return 0;
  expect(!reading.layer->nodes.empty() && reading.layer->nodes.size() <= 50);
  expect(again.layer->version == reading.layer->version);
  const auto filter = reflect::TargetFilter::parse(reading.layer->filter.text());
  expect(reading.layer->filter.text().empty() || filter.ok());
  return 0;
}
