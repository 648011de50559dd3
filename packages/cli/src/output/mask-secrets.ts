/** What stands before the last @ of an address: the user, and what proves that it is them. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)([^\s"'`<>]*)@/gi
const SECRET_PARAMETER = /([?&](?:[a-z_]*password|token|secret|sslkey)=)[^&\s"'`<>]*/gi

/**
 * `text` without the passwords and tokens of the addresses in it. A user's name stays where a password follows it; a
 * name alone may be a token, as NATS has them, and goes too.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(USER_INFO, (_, scheme: string, userInfo: string) => {
      const colon = userInfo.indexOf(':')
      return colon === -1 ? `${scheme}***@` : `${scheme}${userInfo.slice(0, colon)}:***@`
    })
    .replace(SECRET_PARAMETER, '$1***')
}
