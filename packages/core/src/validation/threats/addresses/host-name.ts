/** Names that lead to this machine or its network wherever they are asked for. */
const LOCAL_NAME =
  /^(?:localhost|.+\.(?:localhost|local|localdomain|internal|intranet|corp|home|lan|home\.arpa)|ip6-localhost|ip6-loopback|metadata|kubernetes(?:\..+)?|instance-data)$/
/** Public names that answer with a private address, or with the address that stands in the name. */
const ECHO_NAME =
  /(?:^|\.)(?:nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|rbndr\.us|1u\.ms)$/

/** Whether `host`, in lower case, names a local place by its form alone. */
export function isLocalName(host: string): boolean {
  const name = host.replace(/\.{1,8}$/, '')
  return LOCAL_NAME.test(name) || ECHO_NAME.test(name)
}
