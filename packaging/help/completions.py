"""What bash, zsh and fish complete: commands, options, the words an option takes, and files where it may be one."""


def own_options(tree, command):
    """Those of the command, and those that every command takes."""
    shared = [entry for entry in tree.options if entry.flags[-1] not in ("--help", "--version")]
    return command.options + (shared if command is not tree else [])


def valued(tree):
    """Each option that takes a value: (the command, its entry, one of its names)."""
    for command in tree.walk():
        for entry in own_options(tree, command):
            if entry.takes_value:
                for flag in entry.flags:
                    yield command, entry, flag


def first_choices(command):
    return command.positionals[0].choices if command.positionals else []


def takes_files(command):
    return any(entry.flags[0] == "FILE" for entry in command.positionals)


def file_options(tree):
    return [f"{command.name} {flag}" for command, entry, flag in valued(tree) if entry.names_file]


def other_options(tree):
    return [f"{command.name} {flag}" for command, entry, flag in valued(tree) if not entry.names_file and not entry.choices]


def shell_pattern(texts):
    return "|".join(f'"{text}"' for text in texts)


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def walk_loop(tree, words, last):
    """The loop that finds which command the words before the cursor name: the same in bash and zsh."""
    names = shell_pattern(command.name for command in tree.walk() if command is not tree)
    options = shell_pattern(f"{command.name} {flag}" for command, _, flag in valued(tree))
    return f"""  for ((i = {words}; i < {last}; i++)); do
    case "$at $WORD_I" in
      {names}) at="$at $WORD_I" ;;
      {options}) ((i++)) ;;
    esac
  done"""


BASH_FILES = 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))'


def bash(tree):
    lines = ["# bash completion for linnet, made from its --help.", "_linnet() {",
             "  local at=linnet i words=()",
             "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}",
             walk_loop(tree, 1, "COMP_CWORD").replace("$WORD_I", "${COMP_WORDS[i]}"),
             '  case "$at $prev" in']
    for command, entry, flag in valued(tree):
        if entry.choices:
            lines.append(f'    "{command.name} {flag}") COMPREPLY=($(compgen -W {quoted(" ".join(entry.choices))} -- "$cur")); return ;;')
    lines += [f"    {shell_pattern(file_options(tree))}) {BASH_FILES}; return ;;",
              f"    {shell_pattern(other_options(tree))}) COMPREPLY=(); return ;;", "  esac", '  case "$at:$cur" in']
    for command in tree.walk():
        flags = " ".join(flag for entry in own_options(tree, command) for flag in entry.flags)
        words = " ".join([one.path[-1] for one in command.subcommands] or first_choices(command))
        lines.append(f'    "{command.name}:-"*) words=({flags}) ;;')
        if takes_files(command):
            lines.append(f'    "{command.name}:"*) {BASH_FILES}; return ;;')
        elif words:
            lines.append(f'    "{command.name}:"*) words=({words}) ;;')
    return "\n".join([*lines, "  esac", '  COMPREPLY=($(compgen -W "${words[*]}" -- "$cur"))', "}", "complete -F _linnet linnet", ""])


def described(name, text):
    return quoted(f"{name}:{text}".replace("\\", "\\\\") if text else name)


def zsh(tree):
    lines = ["#compdef linnet", "# zsh completion for linnet, made from its --help.", "_linnet() {",
             "  local at=linnet i", "  local -a found",
             walk_loop(tree, 2, "CURRENT").replace("$WORD_I", "${words[i]}"), '  case "$at ${words[CURRENT-1]}" in']
    for command, entry, flag in valued(tree):
        if entry.choices:
            lines.append(f'    "{command.name} {flag}") compadd -- {" ".join(entry.choices)}; return ;;')
    lines += [f"    {shell_pattern(file_options(tree))}) _files; return ;;", f"    {shell_pattern(other_options(tree))}) return ;;",
              "  esac", '  case "$at:$PREFIX" in']
    for command in tree.walk():
        options = " ".join(described(flag, entry.description) for entry in own_options(tree, command) for flag in entry.flags)
        lines.append(f'    "{command.name}:-"*) found=({options}); _describe -o option found ;;')
        if takes_files(command):
            lines.append(f'    "{command.name}:"*) _files ;;')
        elif command.subcommands:
            named = " ".join(described(one.path[-1], one.about[0].split("\n")[0]) for one in command.subcommands)
            lines.append(f'    "{command.name}:"*) found=({named}); _describe command found ;;')
        elif first_choices(command):
            lines.append(f'    "{command.name}:"*) compadd -- {" ".join(first_choices(command))} ;;')
    return "\n".join([*lines, "  esac", "}", 'if [ "$funcstack[1]" = _linnet ]; then _linnet "$@"; else compdef _linnet linnet; fi', ""])


FISH_HEAD = """# fish completion for linnet, made from its --help.
set -g __linnet_commands {commands}
set -g __linnet_valued {options}
function __linnet_at
    set -l at linnet
    set -l is_value 0
    for word in (commandline -opc)[2..]
        if test $is_value = 1
            set is_value 0
        else if contains -- "$at $word" $__linnet_commands
            set at "$at $word"
        else if contains -- "$at $word" $__linnet_valued
            set is_value 1
        end
    end
    test "$at" = "$argv[1]"
end
complete -c linnet -f"""


def fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(tree):
    commands = " ".join(quoted(command.name) for command in tree.walk() if command is not tree)
    options = " ".join(quoted(f"{command.name} {flag}") for command, _, flag in valued(tree))
    lines = [FISH_HEAD.format(commands=commands, options=options)]
    for command in tree.walk():
        start = f"complete -c linnet -n \"__linnet_at '{command.name}'\""
        for entry in own_options(tree, command):
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in entry.flags)
            value = ""
            if entry.takes_value:
                value = f" -x -a {quoted(' '.join(entry.choices))}" if entry.choices else " -r -F" if entry.names_file else " -x"
            lines.append(f"{start} {flags}{value} -d {fish_quoted(entry.description)}")
        for one in command.subcommands:
            lines.append(f"{start} -a {one.path[-1]} -d {fish_quoted(one.about[0].splitlines()[0])}")
        if takes_files(command):
            lines.append(f"{start} -F")
        elif first_choices(command) and not command.subcommands:
            lines.append(f"{start} -a {quoted(' '.join(first_choices(command)))}")
    return "\n".join([*lines, ""])


def write(tree, folder):
    for path, text in {"bash-completion/completions/linnet": bash(tree), "zsh/vendor-completions/_linnet": zsh(tree),
                       "fish/vendor_completions.d/linnet.fish": fish(tree)}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
