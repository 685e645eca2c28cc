#include "connect/mastodon/status_payload.hpp"

#include "connect/mastodon/status_reader.hpp"
#include "connect/padded_text.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace ondemand = simdjson::ondemand;

void add_words(std::string& left_out, const std::string& words) {
  if (words.empty()) return;
  if (!left_out.empty()) left_out += "; ";
  left_out += words;
}

class StatusPayloadReader final : public PayloadReader {
 public:
  FieldError read(ondemand::value payload, Arena& arena, model::Event& event,
                  std::string& left_out) override {
    ondemand::object status;
    if (payload.get_object().get(status) == simdjson::SUCCESS)
      return finish(read_status(status, arena, event, left_out), event);
    std::string_view text;
    if (payload.get_string().get(text) != simdjson::SUCCESS)
      return "payload: expected a status as an object or as text holding JSON";
    ondemand::document document;
    const auto mended = with_whole_surrogates(text);
    if (mended) text = *mended;
    if (parser_.iterate(text_.assign(text)).get(document) != simdjson::SUCCESS ||
        document.get_object().get(status) != simdjson::SUCCESS) {
      return "payload: expected text holding a JSON object";
    }
    return finish(read_status(status, arena, event, left_out), event);
  }

  FieldError read_bare(ondemand::object line, Arena& arena, model::Event& event,
                       std::string& left_out) override {
    auto error = read_status(line, arena, event, left_out);
    if (error && event.posts.empty()) return "neither an event (event, payload) nor a status: " + *error;
    return finish(std::move(error), event);
  }

  void shrink() override { text_.shrink(); }

 private:
  FieldError read_status(ondemand::object status, Arena& arena, model::Event& event, std::string& left_out) {
    StatusReader reader(arena, scratch_);
    auto error = reader.read(status, event.posts);
    add_words(left_out, reader.take_left_out());
    return error;
  }

  static FieldError finish(FieldError error, model::Event& event) {
    if (error) {
      event.posts.clear();
      return error;
    }
    event.status_id = event.posts.back().id;
    return error;
  }

  ondemand::parser parser_;
  PaddedText text_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<PayloadReader> make_status_payload_reader() {
  return std::make_unique<StatusPayloadReader>();
}

}  // namespace linnet::connect::mastodon
