/** Where the relay listens, inside of the sandbox. */
export const RELAY_PORT = 3128

const PROXY = `http://127.0.0.1:${RELAY_PORT}`
const OWN = 'localhost,127.0.0.1,::1'

/** The variables by which programs find the proxy, in the two spellings that are in use; the last one is for Node. */
export const PROXY_ENVIRONMENT: readonly string[] = [
  `HTTP_PROXY=${PROXY}`,
  `HTTPS_PROXY=${PROXY}`,
  `NO_PROXY=${OWN}`,
  `http_proxy=${PROXY}`,
  `https_proxy=${PROXY}`,
  `no_proxy=${OWN}`,
  'NODE_USE_ENV_PROXY=1',
]
