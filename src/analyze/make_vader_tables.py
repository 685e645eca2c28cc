#!/usr/bin/env python3
"""Writes vader_tables.cpp: the word lists of VADER (MIT licence) as constant tables.

The lists are not kept in this repository. They are taken from the reference implementation's package, which pip
fetches into --cache once and checks against its known hash. Nothing of it is run: its lists are read as data.
"""
import argparse
import ast
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "vaderSentiment==3.3.2"
WHEEL = "vaderSentiment-3.3.2-py2.py3-none-any.whl"
SHA256 = "3bf1d243b98b1afad575b9f22bc2cb1e212b94ff89ca74f8a23a588d024ea311"
SLOTS = 16384
# In the order of `enum class Word` in vader_tables.hpp.
RULE_WORDS = ["no", "or", "nor", "so", "this", "never", "without", "doubt", "but", "least", "at", "very", "kind", "of"]


def fetch(cache):
    """The package, fetched if it is not there yet."""
    wheel = cache / WHEEL
    if not wheel.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
            wanted.write(f"{PACKAGE} --hash=sha256:{SHA256}\n")
            wanted.flush()
            command = [sys.executable, "-m", "pip", "download", "--requirement", wanted.name, "--require-hashes",
                       "--no-deps", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:",
                       "--dest", str(cache)]
            fetched = subprocess.run(command).returncode == 0
        if not fetched:
            sys.exit(f"make_vader_tables.py: could not fetch {PACKAGE} from PyPI. Is the network there, and pip "
                     f"(apt-get install python3-pip)? Or put {WHEEL} into {cache} by hand.")
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
        wheel.unlink()
        sys.exit(f"make_vader_tables.py: {wheel} is not the file that was expected, and was removed; build again")
    return zipfile.ZipFile(wheel)


def text_of(package, name):
    return package.read(f"vaderSentiment/{name}").decode("utf-8")


class Rules:
    """The constants of the reference's module that its rules go by."""

    def __init__(self, source):
        constants = {}
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                constants[statement.targets[0].id] = statement.value
        boosts = {name: ast.literal_eval(constants[name]) for name in ("B_INCR", "B_DECR")}
        boosters = constants["BOOSTER_DICT"]
        self.boosters = {ast.literal_eval(word): boosts[boost.id]
                         for word, boost in zip(boosters.keys, boosters.values)}
        self.negations = set(ast.literal_eval(constants["NEGATE"]))
        self.idioms = ast.literal_eval(constants["SPECIAL_CASES"])


def quoted(text):
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\?' else "".join(f"\\{b:03o}" for b in c.encode())
                         for c in text) + '"'


class Text:
    """Many short texts as one long literal."""

    def __init__(self):
        self.pieces = []
        self.size = 0

    def add(self, text):
        at = self.size
        self.pieces.append(text)
        self.size += len(text.encode())
        return at

    def literal(self):
        lines = ["".join(self.pieces[i:i + 12]) for i in range(0, len(self.pieces), 12)]
        return "\n".join("    " + quoted(line) for line in lines)


def fnv1a(word):
    value = 2166136261
    for byte in word.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def read_lexicon(package):
    words = {}
    for line in text_of(package, "vader_lexicon.txt").rstrip("\n").split("\n"):
        if line:
            word, measure = line.strip().split("\t")[0:2]
            words[word] = float(measure)
    return words


def read_emojis(package):
    emojis = {}
    for line in text_of(package, "emoji_utf8_lexicon.txt").rstrip("\n").split("\n"):
        emoji, description = line.strip().split("\t")[0:2]
        emojis[emoji] = description
    # The reference looks at one code point at a time: those of several can never match.
    return {ord(emoji): description for emoji, description in emojis.items() if len(emoji) == 1}


def reachable(word):
    """Whether a word of the text, split at white space and in lower case, can ever equal this one."""
    return word == word.lower() and not any(c.isspace() for c in word)


def numbered_words(phrases):
    numbers = {word: index + 1 for index, word in enumerate(RULE_WORDS)}
    for phrase in phrases:
        for word in phrase.split():
            numbers.setdefault(word, len(numbers) + 1)
    return numbers


def idiom_rows(phrases, numbers):
    rows = []
    for phrase, valence in phrases.items():
        ids = [f"Word{{{numbers[word]}}}" for word in phrase.split()] + ["Word::none"]
        rows.append(f"    {{{{{', '.join(ids[:3])}}}, {valence!r}}},")
    return rows


def entry_rows(lexicon, rules, numbers, text):
    words = {word for word in {*lexicon, *rules.boosters, *rules.negations, *numbers} if reachable(word)}
    slots = [None] * SLOTS
    for word in sorted(words):
        slot = fnv1a(word) % SLOTS
        while slots[slot]:
            slot = (slot + 1) % SLOTS
        slots[slot] = word
    rows = []
    for word in slots:
        if word is None:
            rows.append("{},")
            continue
        tenths = round(lexicon.get(word, 0.0) * 10)
        if tenths / 10 != lexicon.get(word, 0.0) or not word.isascii():
            sys.exit(f"make_vader_tables.py: cannot lay out {word!r}")
        boost = rules.boosters.get(word, 0)
        rows.append(f"{{{text.add(word)}, {len(word)}, {tenths}, {(boost > 0) - (boost < 0)}, "
                    f"{str(word in lexicon).lower()}, {str(word in rules.negations).lower()}, "
                    f"Word{{{numbers.get(word, 0)}}}}},")
    return rows, max(map(len, words))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()

    package = fetch(arguments.cache)
    rules = Rules(text_of(package, "vaderSentiment.py"))
    lexicon = read_lexicon(package)
    idioms = {phrase: value for phrase, value in rules.idioms.items() if " " in phrase}
    pairs = {phrase: value for phrase, value in rules.boosters.items() if " " in phrase}
    numbers = numbered_words([*idioms, *pairs])
    words, emoji_text = Text(), Text()
    entries, longest = entry_rows(lexicon, rules, numbers, words)
    emojis = [f"    {{U'\\U{code:08X}', {emoji_text.add(text)}, {len(text.encode())}}},"
              for code, text in sorted(read_emojis(package).items())]
    newline = "\n"
    arguments.out.write_text(f"""// Generated by make_vader_tables.py from {PACKAGE}; do not edit.
// Copyright (c) 2016 C.J. Hutto, MIT licence.
#include "analyze/vader_tables.hpp"

namespace linnet::analyze::vader {{

const char* const kWordText =
{words.literal()};
const std::size_t kLongestWord = {longest};
const Entry kEntries[kSlots] = {{
{newline.join("    " + " ".join(entries[i:i + 4]) for i in range(0, SLOTS, 4))}
}};
const Idiom kIdioms[] = {{
{newline.join(idiom_rows(idioms, numbers))}
}};
const std::size_t kIdiomCount = {len(idioms)};
const Idiom kBoosterPairs[] = {{
{newline.join(idiom_rows(pairs, numbers))}
}};
const std::size_t kBoosterPairCount = {len(pairs)};
const char* const kEmojiText =
{emoji_text.literal()};
const Emoji kEmojis[] = {{
{newline.join(emojis)}
}};
const std::size_t kEmojiCount = {len(emojis)};

}}  // namespace linnet::analyze::vader
""", encoding="utf-8")


if __name__ == "__main__":
    main()
