# Types into a zsh of its own and looks at what Tab makes of it: deb_zsh.zsh FOLDER-OF-COMPLETIONS FOLDER-TO-WRITE-IN
zmodload zsh/zpty
zpty shell env HOME=$2 TERM=dumb zsh -f -i
zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -d $2/zcompdump; bindkey '^I' complete-word; print -r -- READY-\$((1+1))"
seen= piece=
until [[ $seen == *READY-2* ]]; do zpty -r shell piece; seen+=$piece; done
zpty -w -n shell $'print -r -- SEEN linnet acc\t ad\t mast\t --ag\t'
zpty -w -n shell $'\C-a\C-k'
# The completion of a command's words stands on a line that begins with it.
zpty -w -n shell $'linnet acc\t ad\t mast\t --ag\t'
for ((i = 0; i < 100; i++)); do
  while zpty -r -t shell piece; do seen+=$piece; done
  plain=${${seen//[^[:print:]]/}//\[([0-9;?])#[a-zA-Z]/}
  [[ $plain == *again* ]] && break
  sleep 0.1
done
zpty -d shell
print -r -- "$plain"
[[ $plain == *account*add*mastodon*--again* ]]
