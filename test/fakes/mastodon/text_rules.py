"""How Mastodon counts a text and what it takes of polls and files: from its own source, in its own terms.

StatusLengthValidator: links with a scheme become 23 letters, mentions lose their server, then grapheme clusters are
counted, the content warning's too. What a link is: twitter-text 3.1.0 (lib/twitter-text/regex.rb) as Mastodon widens it
(config/initializers/twitter_regex.rb); what a mention is: Account::MENTION_RE. Two things are coarser here: of the library's
list of top-level names there are those of all countries (two letters) and the ones that tests use; grapheme clusters are
those of marks, joiners, flags, modifiers and Hangul.
"""
import re
import unicodedata

MAX_CHARACTERS = 500
URL_PLACEHOLDER = "x" * 23
# PollOptionsValidator, PollExpirationValidator
MAX_OPTIONS, MAX_OPTION_CHARS = 4, 50
MIN_EXPIRATION, MAX_EXPIRATION = 300, 2629746
# MediaAttachment, StatusesController
MAX_DESCRIPTION, MAX_FILES = 10000, 4

DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
INVALID = "\ufffe\ufeff\uffff"
SPACES = "\\x09-\\x0d \\x85\\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
ACCENTS = ("\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
           "\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff")
HOST = rf"[^{DIRECTIONS}!\"#$%&'()*+,\-./:;<=>?@\[\]^_`{{|}}~{SPACES}\x00-\x1f\x7f{INVALID}]"
PRECEDING = rf"(?:[^A-Z0-9@＠$#＃{INVALID}]|[{DIRECTIONS}]|^)"
TOP = ("(?:com|org|net|edu|gov|info|biz|app|dev|social|online|site|blog|news|cafe|art|club|world|space|link|page|network|"
       "[a-z]{2}|中国|网址|みんな|한국|рф|москва)(?=[^0-9a-z@+-]|$)|xn--[0-9a-z]+")
DOMAIN = rf"(?:(?:{HOST}(?:[_-]|{HOST})*)?{HOST}\.)*(?:(?:{HOST}(?:-|{HOST})*)?{HOST}\.)(?:{TOP})"
PATH_CHAR = rf"[^{SPACES}<>()?]"
PLAIN_PATH_CHAR = rf"[a-z\u0400-\u052f0-9!*';:=+,.$/%#\[\]\-\u2010-\u2015_~&|@{ACCENTS}]"


def _brackets(char):
    return rf"\((?:{char}+|(?:{char}*\({char}+\){char}*))\)"


PATH_END = rf"(?:[^{SPACES}()?!*\"'「」<>;:=,.$%\[\]~&|@]|{_brackets(PLAIN_PATH_CHAR)})"
PATH = rf"(?:(?:{PATH_CHAR}*(?:{_brackets(PATH_CHAR)}{PATH_CHAR}*)*{PATH_END})|(?:{PATH_CHAR}+/))"
UCHARS = "\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd\U000e1000-\U0010fffd"
QUERY = rf"\?[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^{UCHARS}]*[a-z0-9_&=#/\-{UCHARS}]"
URL = re.compile(rf"(?P<before>{PRECEDING})(?P<url>(?P<scheme>(?:https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini)://)?(?:{DOMAIN})"
                 rf"(?::[0-9]+)?(?:/{PATH}*)?(?:{QUERY})?)", re.I | re.M)
USERNAME = r"[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*"
WORD = r"[\w\u0300-\u036f]"  # Ruby's [[:word:]], of which marks are part
MENTION = re.compile(rf"(?<![=/])(?<!{WORD})@(?P<name>{USERNAME})(?:@{WORD}+(?:[.-]+{WORD}+)*)?", re.I)
END_MENTION = re.compile(rf"(?:[@＠]|[{ACCENTS}]+|://)", re.I)


def _entities(text):
    found = [(m.start("url"), m.end("url"), URL_PLACEHOLDER) for m in URL.finditer(text) if m["scheme"]] if ":" in text else []
    # Ruby's names are ASCII alone, whatever case is ignored.
    found += [(m.start(), m.end(), "@" + m["name"]) for m in MENTION.finditer(text)
              if m["name"].isascii() and not END_MENTION.match(text, m.end())]
    last = 0
    for begin, end, counted in sorted(found):
        if begin >= last:
            yield begin, end, counted
            last = end


def countable(text):
    result, last = "", 0
    for begin, end, counted in _entities(text):
        result += text[last:begin] + counted
        last = end
    return result + text[last:]


def _extends(char):
    return unicodedata.category(char) in ("Mn", "Me", "Mc") or char in "\u200c\u200d\ufe0e\ufe0f" or "\U0001f3fb" <= char <= "\U0001f3ff" \
        or "\U000e0020" <= char <= "\U000e007f"


def _is_flag_part(char):
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def graphemes(text):
    count, flags, before = 0, 0, ""
    for char in text:
        joined = before and (_extends(char) and before not in "\r\n" or before == "\u200d" and unicodedata.category(char) == "So"
                             or before == "\r" and char == "\n" or _is_flag_part(char) and flags % 2 == 1)
        flags = flags + 1 if _is_flag_part(char) else 0
        count += 0 if joined else 1
        before = char
    return count


def length(text, warning=""):
    return graphemes((warning or "").strip() + countable((text or "").strip()))


def poll_problem(options, seconds):
    """What a Mastodon says of a poll that it does not take, or None. Options are stripped, and empty ones dropped, first."""
    options = [o for o in (option.strip() for option in options) if o]
    if len(options) < 2:
        return "Options must have more than one item"
    if len(options) > MAX_OPTIONS:
        return f"Options can't contain more than {MAX_OPTIONS} items"
    if any(graphemes(o) > MAX_OPTION_CHARS for o in options):
        return f"Options can't be longer than {MAX_OPTION_CHARS} characters each"
    if len(set(options)) != len(options):
        return "Options contain duplicate items"
    if seconds > MAX_EXPIRATION:
        return "Duration is too far into the future"
    if seconds < MIN_EXPIRATION:
        return "Duration is too soon"
    return None
