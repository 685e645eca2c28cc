#include "base/html_sanitize.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "base/ascii.hpp"
#include "base/html_entities.hpp"
#include "base/html_tokenizer.hpp"
#include "base/text.hpp"

namespace linnet {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::array<std::string_view, 6> kClasses = {"mention",   "hashtag", "ellipsis",
                                                      "invisible", "u-url",   "quote-inline"};
constexpr std::array<std::string_view, 3> kUrlStarts = {"https://", "http://", "mailto:"};

enum class Shape { dropped, line, phrase, block };

Shape shape_of(HtmlTag tag) {
  switch (tag) {
    case HtmlTag::br:
      return Shape::line;
    case HtmlTag::a:
    case HtmlTag::b:
    case HtmlTag::code:
    case HtmlTag::del:
    case HtmlTag::em:
    case HtmlTag::i:
    case HtmlTag::rp:
    case HtmlTag::rt:
    case HtmlTag::ruby:
    case HtmlTag::s:
    case HtmlTag::span:
    case HtmlTag::strong:
    case HtmlTag::u:
      return Shape::phrase;
    case HtmlTag::blockquote:
    case HtmlTag::h1:
    case HtmlTag::h2:
    case HtmlTag::h3:
    case HtmlTag::h4:
    case HtmlTag::h5:
    case HtmlTag::h6:
    case HtmlTag::li:
    case HtmlTag::ol:
    case HtmlTag::p:
    case HtmlTag::pre:
    case HtmlTag::ul:
      return Shape::block;
    default:
      return Shape::dropped;
  }
}

bool is_heading(HtmlTag tag) {
  return tag >= HtmlTag::h1 && tag <= HtmlTag::h6;
}
bool is_list(HtmlTag tag) {
  return tag == HtmlTag::ul || tag == HtmlTag::ol;
}
bool is_ruby_part(HtmlTag tag) {
  return tag == HtmlTag::rt || tag == HtmlTag::rp;
}

void append_escaped(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if (c != '\r') {
      out += c;
    } else if (i + 1 >= text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
}

// The URL with its references decoded, as it may stand in href; empty if it may not. What a browser would
// repair (blanks in front, tabs and newlines inside, back-slashes) is refused rather than repaired: nobody
// writes it by accident.
std::string safe_url(std::string_view raw) {
  const auto decoded = decode_entities(raw, EntityContext::attribute);
  const auto url = trim(decoded);
  const bool has_controls = std::any_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\';
  });
  if (has_controls) return {};
  for (const auto start : kUrlStarts) {
    if (url.size() <= start.size() || !ascii::equal_ignoring_case(url.substr(0, start.size()), start))
      continue;
    const char first = url[start.size()];
    if (first == '/' || first == '?' || first == '#' || first == ' ') return {};
    std::string safe(start);
    for (const char c : url.substr(start.size())) {
      if (c == ' ') {
        safe += "%20";
      } else {
        safe += c;
      }
    }
    return safe;
  }
  return {};
}

std::string safe_classes(std::string_view raw) {
  const auto decoded = decode_entities(raw, EntityContext::attribute);
  std::string kept;
  std::string_view rest = decoded;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of(" \t\n\r\f"), rest.size());
    const auto name = rest.substr(0, end);
    if (std::find(kClasses.begin(), kClasses.end(), name) != kClasses.end()) {
      if (!kept.empty()) kept += ' ';
      kept += name;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return kept;
}

// A whole number as HTML wants it; empty if it is none.
std::string safe_number(std::string_view raw) {
  std::int32_t number = 0;
  const auto text = trim(raw);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return std::to_string(number);
}

// What is kept of a start tag's attributes; of one given twice the first counts, as in a browser.
struct KeptAttributes {
  std::string url;
  std::string classes;
  std::string number;
  bool reversed = false;
};

KeptAttributes kept_attributes(HtmlTag tag, std::string_view raw) {
  KeptAttributes kept;
  bool url_seen = false;
  bool classes_seen = false;
  bool number_seen = false;
  HtmlAttributes attributes(raw);
  HtmlAttribute attribute;
  const auto is_first = [&attribute](std::string_view name, bool& seen) {
    if (seen || !ascii::equal_ignoring_case(attribute.name, name)) return false;
    return seen = true;
  };
  while (attributes.next(attribute)) {
    if (tag == HtmlTag::a && is_first("href", url_seen)) kept.url = safe_url(attribute.value);
    if ((tag == HtmlTag::a || tag == HtmlTag::span || tag == HtmlTag::p) && is_first("class", classes_seen)) {
      kept.classes = safe_classes(attribute.value);
    }
    if (tag == HtmlTag::li && is_first("value", number_seen)) kept.number = safe_number(attribute.value);
    if (tag == HtmlTag::ol && is_first("start", number_seen)) kept.number = safe_number(attribute.value);
    if (tag == HtmlTag::ol && ascii::equal_ignoring_case(attribute.name, "reversed")) kept.reversed = true;
  }
  return kept;
}

class Rebuilder {
 public:
  explicit Rebuilder(std::string& out) : out_(out) {}

  void add(const HtmlToken& token) {
    if (token.kind == HtmlToken::Kind::text) {
      text_.clear();
      append_decoded_entities(token.raw, EntityContext::text, text_);
      return append_escaped(text_, out_);
    }
    const auto shape = shape_of(token.tag);
    if (shape == Shape::dropped) return;
    if (shape == Shape::line) {
      out_ += "<br>";
    } else if (token.kind == HtmlToken::Kind::start_tag) {
      begin(token, shape);
    } else {
      end(token.tag);
    }
  }

  void finish() { close_down_to(0); }

 private:
  void begin(const HtmlToken& token, Shape shape) {
    auto kept = kept_attributes(token.tag, token.raw);
    if (token.tag == HtmlTag::a && kept.url.empty()) return;
    end_implied(token.tag, shape);
    if (open_.size() >= kDeepest) return;
    open_.push_back(token.tag);
    out_ += '<';
    out_ += to_string(token.tag);
    if (!kept.url.empty()) add_attribute("href", kept.url);
    if (!kept.classes.empty()) add_attribute("class", kept.classes);
    if (!kept.number.empty()) add_attribute(token.tag == HtmlTag::li ? "value" : "start", kept.number);
    if (kept.reversed) out_ += " reversed";
    if (token.tag == HtmlTag::a) out_ += R"( rel="nofollow noopener noreferrer" target="_blank")";
    out_ += '>';
  }

  // The elements that a browser ends by itself when this one begins; writing their end tags keeps its tree
  // and ours alike.
  void end_implied(HtmlTag tag, Shape shape) {
    if (tag == HtmlTag::a) close_through(find_open(HtmlTag::a));
    if (tag == HtmlTag::li) close_through(find_open(HtmlTag::li));
    if (shape == Shape::block) close_through(find_open(HtmlTag::p));
    if (is_heading(tag) && !open_.empty() && is_heading(open_.back())) close_through(open_.size());
    if (is_ruby_part(tag) && !open_.empty() && is_ruby_part(open_.back())) close_through(open_.size());
  }

  void end(HtmlTag tag) {
    auto position = find_open(tag);
    for (auto h = HtmlTag::h1; position == 0 && is_heading(tag) && is_heading(h);
         h = static_cast<HtmlTag>(static_cast<int>(h) + 1)) {
      position = find_open(h);
    }
    close_through(position);
  }

  // The position of the innermost open element of the kind, from 1; 0 if there is none. An item is only
  // looked for in its own list.
  [[nodiscard]] std::size_t find_open(HtmlTag tag) const {
    for (auto position = open_.size(); position > 0; --position) {
      if (open_[position - 1] == tag) return position;
      if (tag == HtmlTag::li && is_list(open_[position - 1])) return 0;
    }
    return 0;
  }

  void close_through(std::size_t position) {
    if (position > 0) close_down_to(position - 1);
  }

  void close_down_to(std::size_t size) {
    while (open_.size() > size) {
      out_ += "</";
      out_ += to_string(open_.back());
      out_ += '>';
      open_.pop_back();
    }
  }

  void add_attribute(std::string_view name, std::string_view value) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    append_escaped(value, out_);
    out_ += '"';
  }

  std::string& out_;
  std::string text_;
  std::vector<HtmlTag> open_;
};

}  // namespace

std::string sanitize_html(std::string_view html) {
  const auto valid = to_valid_utf8(html);
  std::string out;
  out.reserve(valid.size() + valid.size() / 4);
  Rebuilder rebuilder(out);
  HtmlTokenizer tokenizer(valid);
  HtmlToken token;
  while (tokenizer.next(token)) rebuilder.add(token);
  rebuilder.finish();
  return out;
}

}  // namespace linnet
