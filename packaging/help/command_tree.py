"""The commands of linnet with their options, as `--help` of each tells them."""
import dataclasses
import os
import re
import subprocess

# Where descriptions begin in the help; names that are longer have theirs on the next line.
COLUMN = 30


@dataclasses.dataclass
class Entry:
    """A line of the help: an option, a positional or a subcommand."""
    name: str  # "-h,--help", "--sort TEXT:{new,engagement}=new", "FILE TEXT ... REQUIRED", "add"
    description: str

    @property
    def flags(self):
        return self.name.split(" ")[0].split(",")

    @property
    def detail(self):
        """What stands behind the name: its type, its default, what it excludes."""
        return self.name.partition(" ")[2]

    @property
    def takes_value(self):
        return bool(re.match(r"[A-Z]{2,}\b", self.detail)) and not self.detail.startswith("REQUIRED")

    @property
    def names_file(self):
        return self.takes_value and not self.choices and bool(
            re.search(r"\b(file|files|folder|picture|pictures)\b", self.description, re.IGNORECASE))

    @property
    def choices(self):
        """The words it takes: those it is bound to, or those its description lists and nothing else."""
        if bound := re.search(r"\{([^}]*)\}", self.detail):
            return bound[1].split(",")
        word = r"[a-z][a-z_-]*"
        if self.takes_value and re.fullmatch(rf"{word}(, {word})*( or {word})?", self.description):
            words = re.split(r", | or ", self.description)
            return words if len(words) > 1 else []
        return []


@dataclasses.dataclass
class Command:
    path: list  # ["linnet", "account", "add"]
    about: list  # paragraphs; what is indented is an example
    usage: str
    sections: dict  # "Options" -> [Entry, …]; groups of subcommands under their own names
    subcommands: list = dataclasses.field(default_factory=list)

    @property
    def name(self):
        return " ".join(self.path)

    @property
    def options(self):
        return self.sections.get("Options", [])

    @property
    def positionals(self):
        return self.sections.get("Positionals", [])

    @property
    def groups(self):
        return {title: entries for title, entries in self.sections.items() if title not in ("Options", "Positionals")}

    def walk(self):
        yield self
        for command in self.subcommands:
            yield from command.walk()


def run(binary, *words):
    # Defaults that are the reader's own are written as everybody's.
    environment = {**os.environ, "XDG_DATA_HOME": "~/.local/share", "LC_ALL": "C.UTF-8"}
    for name in [name for name in environment if name.startswith("LINNET_")]:
        del environment[name]
    return subprocess.run([binary, *words], env=environment, check=True, capture_output=True, text=True).stdout


def paragraphs(lines):
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def name_fills_line(line, following):
    """Whether the description stands on the next line, as the name reaches into its column."""
    if line[COLUMN - 2:COLUMN] == "  " or len(line) <= COLUMN:
        return False
    return line[COLUMN - 1] != " " or following.startswith(" " * COLUMN) and bool(following.strip())


def read_entries(lines):
    entries = []
    for line, following in zip(lines, [*lines[1:], ""]):
        if re.match(r"  \S", line):
            if name_fills_line(line, following):
                entries.append(Entry(line.strip(), following.strip()))
            else:
                entries.append(Entry(line[:COLUMN].strip(), line[COLUMN:].strip()))
        # What follows of a subcommand's description stands in its own help.
    return entries


def read_command(binary, path):
    lines = run(binary, *path[1:], "--help").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("Usage: "))
    sections = {}
    entries = []
    examples = []  # some commands have them at the end
    for line in lines[at + 1:]:
        if title := re.fullmatch(r"(\S.*):", line):
            entries = sections.setdefault(title[1], [])
        else:
            (examples if line.startswith("  linnet ") else entries).append(line)
    command = Command(path, paragraphs([*lines[:at], "", *examples]), lines[at].removeprefix("Usage: "),
                      {title: read_entries(entries) for title, entries in sections.items()})
    for entries in command.groups.values():
        command.subcommands += [read_command(binary, [*path, entry.name]) for entry in entries]
    return command


def read_tree(binary):
    return read_command(binary, ["linnet"])
