/** Which colours somebody wants. `system`: as the device says. */
export type Scheme = 'system' | 'dark' | 'light'

const KEY = 'golden-console-scheme'

/** What this browser was told last. */
export function readScheme(): Scheme {
  const value = localStorage.getItem(KEY)
  return value === 'dark' || value === 'light' ? value : 'system'
}

/** Shows the page in these colours from now on, in this browser. */
export function applyScheme(scheme: Scheme): void {
  if (scheme === 'system') {
    localStorage.removeItem(KEY)
    delete document.documentElement.dataset.scheme
  } else {
    localStorage.setItem(KEY, scheme)
    document.documentElement.dataset.scheme = scheme
  }
}
