/** Longer names are counted by their beginning; no stored name is as long. */
const MAX_COUNTED_LENGTH = 1024

/**
 * The form in which names are compared: blanks at the ends, compatibility forms and letter case make no difference (NFKC,
 * lower case, NFKC again as lower case may undo it), so that `Ada` and `ａｄａ` are one for the throttle and the store.
 */
export function userNameKey(name: string): string {
  return name.slice(0, MAX_COUNTED_LENGTH).normalize('NFKC').toLowerCase().normalize('NFKC').trim()
}
