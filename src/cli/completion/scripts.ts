/**
 * For each shell, the script that runs `kustomer-mcp complete -- words…` on Tab, with the word being typed last. It reads
 * a candidate a line, with a description after a tab, or `:files`. It evaluates nothing that was typed.
 */
export const completionScripts = {
  bash: `# kustomer-mcp for bash: source <(kustomer-mcp completion bash)
_kustomer_mcp() {
  local line current="\${COMP_WORDS[COMP_CWORD]}"
  local IFS=$'\\n'
  [[ $current == "=" ]] && current=""
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$current"))
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <(kustomer-mcp complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _kustomer_mcp kustomer-mcp`,

  zsh: `#compdef kustomer-mcp
# kustomer-mcp for zsh: source <(kustomer-mcp completion zsh)
_kustomer_mcp() {
  local line
  local -a found
  for line in "\${(@f)$(kustomer-mcp complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ":files" ]]; then
      compset -P '--*='
      _files
      return
    fi
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe 'kustomer-mcp' found
}
if [[ \${funcstack[1]} == _kustomer_mcp ]]; then
  _kustomer_mcp "$@"
else
  compdef _kustomer_mcp kustomer-mcp
fi`,

  fish: `# kustomer-mcp for fish: kustomer-mcp completion fish | source
function __kustomer_mcp_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in (kustomer-mcp complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$line" = ':files'
      set -l flag (string match -r -- '^--[^=]+=' "$current")
      __fish_complete_path (string replace -- "$flag" '' "$current") | string replace -r -- '^' "$flag"
    else
      printf '%s\\n' "$line"
    end
  end
end
complete -c kustomer-mcp -f -a '(__kustomer_mcp_complete)'`,
} as const

export type Shell = keyof typeof completionScripts
