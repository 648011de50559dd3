/**
 * A program for the shell shim that takes steps from standard input and runs them in one shell, one after the other. A step that
 * exits, or does not parse, ends the session, as POSIX has it for what is read with `.`.
 */
export const SHELL_SESSION: string = `
readonly sandbox_mark="$1"
set --
exec 9<&0 </dev/null
cd /tmp/work
while IFS=' ' read -r sandbox_nonce sandbox_size sandbox_rest <&9; do
  head -c "$sandbox_size" <&9 >/tmp/in/step
  printf %s "$sandbox_nonce"
  printf %s "$sandbox_nonce" >&2
  . /tmp/in/step
  sandbox_code=$?
  printf %s "$sandbox_mark" >&2
  printf '%s:%s %d\\n' "$sandbox_mark" "$sandbox_nonce" "$sandbox_code"
  (
    cd /tmp/work
    [ -d out ] && [ ! -L out ] && tar -c -f - out 2>/dev/null || head -c 512 /dev/zero
  )
done
`
