#include "base/html_text.hpp"

#include <algorithm>
#include <cstring>

#include "base/html_entities.hpp"
#include "base/html_tokenizer.hpp"
#include "base/text.hpp"

namespace linnet {
namespace {

bool is_ascii_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

bool contains(std::string_view text, char c) {
  return !text.empty() && std::memchr(text.data(), c, text.size()) != nullptr;
}

// How many newlines, at least, part the element from what stands before and after it; 0 for those within a
// line.
int newlines_around(HtmlTag tag) {
  switch (tag) {
    case HtmlTag::p:
      return 2;
    case HtmlTag::address:
    case HtmlTag::article:
    case HtmlTag::aside:
    case HtmlTag::blockquote:
    case HtmlTag::caption:
    case HtmlTag::center:
    case HtmlTag::dd:
    case HtmlTag::details:
    case HtmlTag::dialog:
    case HtmlTag::dir:
    case HtmlTag::div:
    case HtmlTag::dl:
    case HtmlTag::dt:
    case HtmlTag::fieldset:
    case HtmlTag::figcaption:
    case HtmlTag::figure:
    case HtmlTag::footer:
    case HtmlTag::form:
    case HtmlTag::h1:
    case HtmlTag::h2:
    case HtmlTag::h3:
    case HtmlTag::h4:
    case HtmlTag::h5:
    case HtmlTag::h6:
    case HtmlTag::header:
    case HtmlTag::hgroup:
    case HtmlTag::hr:
    case HtmlTag::legend:
    case HtmlTag::li:
    case HtmlTag::main:
    case HtmlTag::menu:
    case HtmlTag::nav:
    case HtmlTag::ol:
    case HtmlTag::optgroup:
    case HtmlTag::option:
    case HtmlTag::pre:
    case HtmlTag::search:
    case HtmlTag::section:
    case HtmlTag::summary:
    case HtmlTag::table:
    case HtmlTag::tr:
    case HtmlTag::ul:
      return 1;
    default:
      return 0;
  }
}

class TextWriter {
 public:
  TextWriter(std::string_view html, std::string& out)
      : out_(out), is_clean_(!contains(html, '\0') && !contains(html, '\r')) {
    out_.clear();
    out_.reserve(html.size());
  }

  void add(const HtmlToken& token) {
    if (token.kind == HtmlToken::Kind::text) return add_text(token.raw);
    if (token.tag == HtmlTag::br) return add_line_break();
    const bool begins = token.kind == HtmlToken::Kind::start_tag;
    if (token.tag == HtmlTag::pre) open_pre_ = std::max(open_pre_ + (begins ? 1 : -1), 0);
    if (token.tag == HtmlTag::td || token.tag == HtmlTag::th) return add_cell(begins);
    if (token.tag == HtmlTag::tr) cells_ = 0, is_behind_cell_ = false;
    const int newlines = newlines_around(token.tag);
    // After a <br> the block already begins on a line of its own.
    if (newlines == 1 && begins && !out_.empty() && out_.back() == '\n') return;
    pending_newlines_ = std::max(pending_newlines_, newlines);
  }

  void finish() {
    const auto text = trim(out_);
    const auto before = static_cast<std::size_t>(text.data() - out_.data());
    out_.resize(before + text.size());
    if (before > 0) out_.erase(0, before);
  }

 private:
  void add_text(std::string_view raw) {
    const bool between_blocks =
        (pending_newlines_ > 0 || out_.empty() || out_.back() == '\t' || is_behind_cell_) && open_pre_ == 0;
    if (between_blocks && std::all_of(raw.begin(), raw.end(), is_ascii_space)) return;
    write_pending();
    if (is_clean_) return append_decoded_entities(raw, EntityContext::text, out_);
    append_decoded_entities(cleaned(raw), EntityContext::text, out_);
  }

  // A tab parts a cell from the one before it in the row.
  void add_cell(bool begins) {
    is_behind_cell_ = !begins;
    if (!begins || cells_++ == 0) return;
    write_pending();
    out_ += '\t';
  }

  void add_line_break() {
    write_pending();
    out_ += '\n';
  }

  void write_pending() {
    if (!out_.empty()) out_.append(static_cast<std::size_t>(pending_newlines_), '\n');
    pending_newlines_ = 0;
  }

  // NUL is U+FFFD and every end of line is a newline, as the standard wants it before anything else.
  static std::string cleaned(std::string_view raw) {
    std::string clean;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == '\0') {
        clean += "\xEF\xBF\xBD";
      } else if (raw[i] != '\r') {
        clean += raw[i];
      } else if (i + 1 >= raw.size() || raw[i + 1] != '\n') {
        clean += '\n';
      }
    }
    return clean;
  }

  std::string& out_;
  const bool is_clean_;
  int pending_newlines_ = 0;
  int cells_ = 0;                // of this row
  bool is_behind_cell_ = false;  // and before the next
  int open_pre_ = 0;
};

}  // namespace

void html_to_text(std::string_view html, std::string& out) {
  TextWriter writer(html, out);
  HtmlTokenizer tokenizer(html);
  HtmlToken token;
  while (tokenizer.next(token)) writer.add(token);
  writer.finish();
}

std::string html_to_text(std::string_view html) {
  std::string out;
  html_to_text(html, out);
  return out;
}

}  // namespace linnet
