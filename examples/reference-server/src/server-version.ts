/** What the server calls itself in its API and its traces. */
export const SERVER_VERSION = '0.1.0'
