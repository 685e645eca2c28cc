"""linnet(1), and a page for each command with its subcommands."""


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    return "\n".join("\\&" + line if line.startswith(".") else line for line in text.split("\n"))


def about(command):
    lines = []
    for i, part in enumerate(command.about):
        if part.startswith("  "):
            lines += [".PP", ".nf", ".RS", *(escaped(line.strip()) for line in part.split("\n")), ".RE", ".fi"]
        else:
            lines += [".PP"] * (i > 0) + [escaped(part)]
    return lines


def entries(title, listed):
    lines = [title] if listed else []
    for entry in listed:
        name, _, detail = entry.name.partition(" ")
        detail = f" \\fI{escaped(detail)}\\fR" if detail else ""
        lines += [".TP", f"\\fB{escaped(name.replace(',', ', '))}\\fR{detail}", escaped(entry.description) or "\\&"]
    return lines


def header(name, version, date, summary):
    return [f'.TH {escaped(name).upper()} 1 "{date}" "Linnet {version}" "User Commands"', ".SH NAME",
            f"{escaped(name)} \\- {escaped(summary)}", ".SH SYNOPSIS"]


def synopsis(command):
    words = command.usage.removeprefix(command.name).strip()
    return [f"\\fB{escaped(command.name)}\\fR {escaped(words)}", ".br"]


def main_page(tree, version, date):
    lines = header("linnet", version, date, "watch your social networks, and act there")
    lines += [*synopsis(tree), ".SH DESCRIPTION", *about(tree)]
    for title, listed in tree.groups.items():
        lines += entries(f".SH {escaped(title).upper()}", listed)
    lines += entries(".SH OPTIONS", tree.options)
    lines += [".SH FILES", ".TP", escaped("~/.local/share/linnet"),
              "Everything, unless \\fB\\-\\-data\\fR or \\fBLINNET_DATA\\fR says otherwise: the database, the event log, "
              "\\fIlinnet.toml\\fR with the settings, and \\fIsecret.key\\fR, the key of what is sealed.",
              ".TP", "/var/lib/linnet", "The same of the system's service.",
              ".SH ENVIRONMENT", "Each setting that \\fBlinnet settings\\fR lists can be set by the variable it names.",
              ".SH SEE ALSO"]
    pages = [f"\\fB{escaped('linnet-' + command.path[1])}\\fR(1)" for command in tree.subcommands]
    return lines + [",\n".join(pages)]


def command_page(command, version, date):
    lines = header("-".join(command.path), version, date, command.about[0].split("\n")[0])
    commands = list(command.walk())
    for one in commands:
        if not one.subcommands:
            lines += synopsis(one)
    lines += [".SH DESCRIPTION", *about(command)]
    lines += entries(".SH ARGUMENTS", command.positionals) + entries(".SH OPTIONS", command.options)
    if len(commands) > 1:
        lines.append(".SH COMMANDS")
    for one in commands[1:]:
        own = [entry for entry in one.options if "--help" not in entry.flags]
        lines += [f".SS {escaped(one.name)}", *about(one), *entries(".PP", one.positionals + own)]
    return [*lines, ".SH SEE ALSO", "\\fBlinnet\\fR(1)"]


def write(tree, version, date, folder):
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"linnet.1": main_page(tree, version, date)}
    for command in tree.subcommands:
        pages[f"{'-'.join(command.path)}.1"] = command_page(command, version, date)
    for name, lines in pages.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
